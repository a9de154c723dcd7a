"""The checklist of the drivers names tests that exist."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent.parent
HERE = Path(__file__).parent
PLACES = [
    *HERE.glob("test_*.py"),
    *(ROOT / "tests" / "process" / "drivers").glob("test_*.py"),
    ROOT / "tests" / "contract" / "test_recorder.py",
]


def names(path):
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_test_in_the_checklist_exists():
    text = (ROOT / "drivers" / "QUALITY.md").read_text("utf-8")
    known = {path.name for path in PLACES} | {name for path in PLACES for name in names(path)}
    told = set(re.findall(r"`(test_\w+(?:\.py)?)`", text))
    assert len(told) > 20
    assert told - known == set()
