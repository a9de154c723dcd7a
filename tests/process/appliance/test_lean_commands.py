"""The command line loads what a docking needs, and no more: eight of them run side by side."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
HEAVY = {
    "asyncio", "av", "fastapi", "jinja2", "numpy", "prometheus_client", "smtplib", "sqlalchemy",
    "uvicorn",
}  # fmt: skip


def test_the_table_of_commands_loads_no_library_that_only_some_of_them_need():
    program = "import sys, appliance.commands; print(*sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not HEAVY & {name.split(".")[0] for name in ended.stdout.split()}
