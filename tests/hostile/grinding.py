"""Runs ``tests.hostile.grind`` as a child with limits, and tells the seed that broke a promise."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
COMMAND = ("-m", "tests.hostile.grind")
TOLD_CHARACTERS = 3_000  # of what a broken child said


def ground(what: str, seeds: range, folder: Path, limit_s: float) -> Mapping[str, int]:
    """Return the counts of these seeds.

    Raises ``AssertionError`` with the seed and how to try it again.
    """
    note = folder / "seed"
    given = [what, str(seeds.start), str(seeds.stop), str(note)]
    done = subprocess.run(
        [sys.executable, "-W", "error", *COMMAND, *given],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=limit_s,
        check=False,
    )
    if done.returncode:
        seed = int(note.read_text().rstrip("\0 ") or -1) if note.exists() else -1
        again = f"python -m tests.hostile.grind {what} {seed} {seed + 1} /tmp/seed"
        told = done.stderr[-TOLD_CHARACTERS:]
        raise AssertionError(f"{what} seed {seed} ended it with {done.returncode}: {again}\n{told}")
    counts: Mapping[str, int] = json.loads(done.stdout)
    return counts
