"""What belongs to the repository, and how its documents speak of it."""

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def files() -> list[Path]:
    """Return what git would commit: neither ignored nor deleted."""
    listed = subprocess.run(
        [
            shutil.which("git") or "git",
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ],
        cwd=ROOT,
        capture_output=True,
        check=True,
        timeout=60,
    ).stdout.decode()
    return sorted(path for name in listed.split("\0") if name and (path := ROOT / name).is_file())


def documents() -> list[Path]:
    """Return the repository's Markdown files."""
    return [path for path in files() if path.suffix == ".md"]


def relative(path: Path) -> str:
    """Return the path as people write it."""
    return str(path.relative_to(ROOT))


def links(text: str) -> list[str]:
    """Return the targets of all relative links and pictures, without their anchors."""
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src="([^"]+)"', text)
    return [target.split("#")[0] for target in targets if "://" not in target and target[0] != "#"]


def named_tests(text: str) -> list[str]:
    """Return every ``tests/…/test_x.py::name`` that a text names."""
    return re.findall(r"tests/[\w/]+\.py::\w+", text)


def existing_tests() -> set[str]:
    """Return every test of the tree as ``path::name``, methods of classes included."""
    return {f"{relative(path)}::{name}" for path in files() for name in test_functions(path)}


def test_functions(path: Path) -> Iterator[str]:
    """Yield the names of the test functions of a module."""
    if path.suffix != ".py" or not path.name.startswith("test_"):
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name.startswith("test_"):
                yield node.name
        elif isinstance(node, ast.ClassDef) and "RuleBasedStateMachine" in ast.dump(node):
            yield f"Test{node.name}"


def paths_in_code_marks(text: str) -> list[str]:
    """Return what stands in code marks and looks like a path of this repository."""
    rooms = "api|appliance|bench|config|custody|docs|drivers|evidence|ingest|requirements|systemd"
    found = re.findall(rf"`((?:{rooms}|tests|vault)/[\w./*-]*)`", text)
    return [path for path in found if not path.startswith(VAULT_OF_A_HOME)]


# `vault/objects` in a document is a folder of a home, not a package of ours.
VAULT_OF_A_HOME = ("vault/objects", "vault/staging")
