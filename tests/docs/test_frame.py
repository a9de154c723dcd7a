"""``make`` says clearly what a machine lacks, and ``CI=true`` does not let it pass."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests import needs
from tests.docs.tree import ROOT

PYTHONS = ("python3", "python3.11", "python3.12", "python3.13", "python3.14")
NO_PYTHON = "exit 127"
NO_VENV = f'case "$*" in *ensurepip*) exit 1;; esac; exec {sys.executable} "$@"'
MAKEFILE = (ROOT / "Makefile").read_text()


def make(folder, what_python_does, target=".venv/.made"):
    """Run make in a folder of its own, on a machine whose every Python does this."""
    shutil.copy(ROOT / "Makefile", folder)
    tools = folder / "tools"
    tools.mkdir()
    for name in PYTHONS:
        (tools / name).write_text(f"#!/bin/sh\n{what_python_does}\n")
        (tools / name).chmod(0o755)
    return subprocess.run(
        [shutil.which("make"), "-C", str(folder), target],
        env={"PATH": f"{tools}{os.pathsep}/usr/bin{os.pathsep}/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_without_python_make_says_what_to_install(tmp_path):
    done = make(tmp_path, NO_PYTHON)
    assert done.returncode != 0
    assert "needs Python 3.11 or newer" in done.stderr
    assert "apt-get install" in done.stderr


def test_with_a_python_that_is_too_old_make_says_so(tmp_path):
    done = make(tmp_path, 'case "$*" in *version_info*) exit 1;; esac; exit 0')
    assert "needs Python 3.11 or newer" in done.stderr


def test_without_venv_make_says_which_package_brings_it(tmp_path):
    done = make(tmp_path, NO_VENV)
    assert done.returncode != 0
    assert "has no venv module" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_an_environment_that_was_left_half_made_is_made_again(tmp_path):
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / ".venv/bin/python").chmod(0o755)
    makes = 'case "$*" in *"-m venv"*) mkdir .venv && echo made > .venv/new;; esac'
    done = make(tmp_path, makes)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / ".venv").iterdir()} == {"new", ".made"}


def test_help_names_every_target_that_a_person_may_ask_for():
    told = set(re.findall(r"^\t@echo 'make ([a-z-]+) ", MAKEFILE, re.MULTILINE))
    phony = set(re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[1].split())
    assert phony - told == {"help", "lint", "unit"}
    assert told <= phony


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_a_missing_tool_is_named_and_fails_only_where_ci_asks_for_it(monkeypatch, capsys, ci, code):
    monkeypatch.setitem(needs.TOOLS, "no-such-tool", ("no-such-package", "nothing is lost"))
    monkeypatch.setenv("CI", ci)
    assert needs.main([]) == code
    assert "apt-get install no-such-package" in capsys.readouterr().err


def test_ci_is_told_which_packages_to_install(monkeypatch, capsys):
    monkeypatch.setattr(needs, "PLACES", "/nowhere")
    assert needs.main(["--packages"]) == 0
    assert "mtools" in capsys.readouterr().out.split()


def test_a_test_whose_tool_is_missing_is_left_out_and_named(tmp_path):
    (tmp_path / "test_x.py").write_text(
        'NEEDS = ("no-such-tool",)\ndef test_with(): assert False\n'
    )
    (tmp_path / "conftest.py").write_text(
        "from tests import needs\n"
        'needs.TOOLS["no-such-tool"] = ("no-such-package", "nothing is lost")\n'
        "from tests.conftest import pytest_collection_modifyitems, pytest_terminal_summary\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", str(tmp_path), f"--rootdir={tmp_path}"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "1 deselected" in done.stdout
    assert "no-such-tool is missing (apt-get install no-such-package)" in done.stdout
