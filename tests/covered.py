"""Hold that unit tests walk through every branch of the rules: ``make coverage``.

The rules are the modules that import-linter calls pure (``pyproject.toml``), so that a new one is
among them as soon as it is said to be pure.  What no test can reach says so, with its reason, in
its own line: ``# pragma: no cover - …``.
"""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
DATA = ROOT / "build" / "coverage"
CONTRACT = "The rules are pure"  # how the name of the contract begins
WORKERS = ("-n", "2", "--dist", "worksteal")
LIMITS = ("--timeout", "60", "-m", "not fuzz")


def rules(project: dict) -> list[str]:
    """Return the files that must be covered whole, as patterns, from a parsed pyproject.toml."""
    contracts = project["tool"]["importlinter"]["contracts"]
    (pure,) = (each for each in contracts if each["name"].startswith(CONTRACT))
    return [
        f"{name.replace('.', '/')}.py" if "." in name else f"{name}/*"
        for name in pure["source_modules"]
    ]


def main(tests: list[str]) -> int:
    """Run the tests under coverage; 0 only where all pass and no branch is missed."""
    shutil.rmtree(DATA, ignore_errors=True)
    DATA.mkdir(parents=True)
    include = ",".join(rules(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))))
    coverage = [sys.executable, "-m", "coverage"]
    steps = (
        [*coverage, "run", "-m", "pytest", "-q", *WORKERS, *LIMITS, *tests],
        [*coverage, "combine", "--quiet"],
        [*coverage, "report", "--include", include, "--fail-under", "100"],
    )
    codes = (subprocess.run(step, cwd=ROOT, check=False).returncode for step in steps)
    return next((code for code in codes if code), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
