"""A rack at work: ``dockseal up`` over slots of recorders, all in processes of their own.

It finds the processes, kills one and sees whether it is back, and starts ``up`` again as systemd
would.  Only what it has started itself is ever looked for: children of its own ``up``.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from appliance.slotstate import SlotState, read_state
from evidence.errors import EvidenceError
from tests.crash.acts import ENVIRONMENT
from vault.client import LedgerClient

ROOT = Path(__file__).parents[2]
PLANTED = "tests.crash.planted"
STOP_LIMIT_S = 60.0
ASK_LIMIT_S = 2.0


@dataclass
class Rack:
    """``slots``: what each slot watches, by number, and what the recorder hears afterwards."""

    home: Path
    slots: Mapping[int, tuple[Path, str]]
    reserve_bytes: int = 0
    plant: str | None = None  # a fault of ours that the checkers must find
    up: "subprocess.Popen[bytes] | None" = None

    @property
    def config(self) -> Path:
        """Return where its configuration lies: never on the disk of the home."""
        return self.home.parents[1] / "rack.toml"

    def start(self) -> None:
        """Start ``up``, the first time or again."""
        tables = (
            f"[[slots]]\nnumber = {number}\npath = {json.dumps(str(path))}\nafter = '{after}'\n"
            for number, (path, after) in self.slots.items()
        )
        (self.config).write_text("".join(tables))
        environment = {
            **os.environ,
            **ENVIRONMENT,
            "DOCKSEAL_VAULT_RESERVE_BYTES": str(self.reserve_bytes),
        }
        options = ["--config", str(self.config), "--home", str(self.home)]
        with (self.config.with_name("up.log")).open("ab") as log:
            self.up = subprocess.Popen(
                [sys.executable, "-m", PLANTED, self.plant or "-", *options, "up"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                env=environment,
                cwd=ROOT,
            )

    def stop(self) -> None:
        """End it in order; what does not end is killed with its parts."""
        if self.up is None or self.up.poll() is not None:
            return
        self.up.terminate()
        try:
            self.up.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self.kill(self.up.pid)
            raise

    def kill(self, pid: int) -> None:
        """Kill one process, which may have ended a moment ago."""
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        if self.up is not None and pid == self.up.pid:
            self.up.wait()

    def parts(self) -> dict[str, list[int]]:
        """Return the processes by what they are: up, ledger, slot N, cradle, parser."""
        found: dict[str, list[int]] = {}
        if self.up is not None and self.up.poll() is None:
            found["up"] = [self.up.pid]
            for pid, name in _below(self.up.pid):
                found.setdefault(name, []).append(pid)
        return found

    def state(self, number: int) -> SlotState:
        """Return what a slot says now; empty where it says nothing."""
        return read_state(self.home / "run" / "slots", number) or SlotState(number, stage="empty")

    def ledger_answers(self) -> bool:
        """Tell whether the ledger process answers."""
        client = LedgerClient(self.home / "run" / "ledger.sock", ASK_LIMIT_S)
        try:
            client.checkpoint()
        except EvidenceError:
            return False
        finally:
            client.close()
        return True


def until(seconds: float, every_s: float = 0.05) -> Iterator[float]:
    """Yield how long it has been, again and again, as long as it may last."""
    began = time.monotonic()
    while (passed := time.monotonic() - began) < seconds:
        yield passed
        time.sleep(every_s)


def _below(parent: int) -> Iterator[tuple[int, str]]:
    """Yield every process below ``parent``, with what it is."""
    children = _children(parent)
    for pid in children:
        words = _words(pid)
        name = next((what for what in map(_what, words) if what), None)
        if name == "slot":
            plan = next((word for word in words if word.startswith("{")), "{}")
            number = json.loads(plan).get("slot")
            name = f"slot {number}" if number else None  # it is just being started
        if name:
            yield pid, name
        if name and (name == "cradle" or name.startswith("slot")):
            yield from ((child, "parser") for child in _children(pid))


def _what(word: str) -> str | None:
    names = {"slot": "slot", "ledgerd": "ledger", "cradle": "cradle"}
    return names.get(word.removeprefix("appliance.")) or ("slot" if word == PLANTED else None)


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(each) for task in tasks for each in (task / "children").read_text().split()]
    except OSError:
        return []  # it has ended


def _words(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []
