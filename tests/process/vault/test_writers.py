"""The writer of a ledger as a process: killed, refused beside another, and its lean callers."""

import os
import shutil
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.unit.vault.ledgers import check_tree, create, draft, reopen, secret_draft, young
from vault.commit import COMMIT_STEPS

ROOT = Path(__file__).parents[3]
DIED = 9
BEFORE, AFTER = 253, 257  # the batch ends one tile and begins the next, at two levels
BATCH = [secret_draft(officer=str(number)) for number in range(AFTER - BEFORE)]


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    home = tmp_path_factory.mktemp("template")
    store = create(home)
    store.append([draft()] * (BEFORE - 1))
    store.close()
    return home


@pytest.mark.parametrize("step", COMMIT_STEPS)
def test_a_process_killed_at_any_step_leaves_a_ledger_that_starts(template, tmp_path, step):
    """The same by a real end of a process: no handler of ours runs."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    child = os.fork()
    if not child:
        _append_and_die(tmp_path, step)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == DIED
    again = reopen(tmp_path)
    assert again.size == len(check_tree(tmp_path))
    assert again.size in {BEFORE, AFTER}
    for index in range(BEFORE, again.size):
        assert again.statement(index).facts == BATCH[index - BEFORE].private.facts
    assert again.append([draft()]).size == again.size
    again.close()


def _append_and_die(home, step):
    def deadly(reached):
        if reached == step:
            os._exit(DIED)
        return nullcontext()

    try:
        reopen(home, steps=deadly).append(BATCH)
    finally:
        os._exit(0)


def test_a_second_writer_in_another_process_is_refused(tmp_path):
    store = young(tmp_path)
    program = (
        "from pathlib import Path; from tests.unit.vault.ledgers import reopen; import sys;"
        "reopen(Path(sys.argv[1]))"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "ledger_busy" in ended.stderr
    store.close()


def test_a_client_is_lean():
    heavy = {"cryptography", "sqlalchemy", "sqlite3", "numpy", "av", "pydantic", "asyncio"}
    program = "import sys, vault.client; print(*sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not heavy & {name.split(".")[0] for name in ended.stdout.split()}
