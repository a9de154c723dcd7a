"""What is done under strace: the real processes of the appliance, and one that does it all alone.

Each act runs in a process that was forked for it (``zygote.py``) and returns its exit code.
"""

import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Self

import appliance.ledgerd
import appliance.slot
import ingest.pipeline
from appliance.clock import SystemClock
from appliance.services import SlotJob
from appliance.settings import load_settings
from appliance.wiring import wire
from evidence.entry import Draft, Receipt
from evidence.errors import EvidenceError, FsyncFailedError
from tests.crash.ground import described, played
from tests.crash.plants import PLANTS
from tests.fakes.house import FOUNDING, Heard, House, NoParsers
from vault.client import LedgerClient

ENVIRONMENT = {
    "DOCKSEAL_STATION_ORGANISATION": FOUNDING.origin.partition("/")[0],
    "DOCKSEAL_STATION_STATION": FOUNDING.station,
    "DOCKSEAL_VAULT_RESERVE_BYTES": "0",
}
ALARM = Draft("alarm.raised", "sys:ingest", (), {"alarm": "test", "facts": {}})
FAILED_SYNC = 5  # as appliance/exits.py: our own storage


class Inline:
    """In place of the pools of one thread for each stage: the same calls, one after the other.

    So that "the n-th call of this process" means one call and no other.
    """

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def submit(self, function: Callable[..., object], *arguments: object) -> "Future[object]":
        done: Future[object] = Future()
        try:
            done.set_result(function(*arguments))
        except Exception as error:  # noqa: BLE001 - as a pool does
            done.set_exception(error)
        return done


class Childless(NoParsers):
    """No parser children: they do nothing to a disk, and would cost most of the time."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def fence(self, task: str) -> dict[str, bool]:
        """Tell of the wall that a slot asks for: nothing is parsed here."""
        del task
        return {"seccomp": True}

    def close(self) -> None:
        """Let go of nothing."""


class Telling(Heard):
    """An observer who tells at once: what it has told was promised."""

    def sealed(self, sealed):
        """Say which segment is sealed."""
        tell(f"sealed {sealed.stored.received.sha256}")


def alone(home: str, card: str) -> int:
    """Ledger, docking and catalogue in one process with one thread."""
    ingest.pipeline.ThreadPoolExecutor = Inline
    house = House(Path(home), clock=SystemClock())
    house.heard = Telling()
    append = house.store.append
    house.store.append = lambda drafts: told(append(drafts))
    try:
        ended = house.dock(played(Path(card)), after="erase")
        house.project()
        house.rebuild()
    finally:
        house.close()
    return FAILED_SYNC if ended.cut == "fsync_failed" else 0


def told(receipt: Receipt) -> Receipt:
    """Say how many entries are acknowledged."""
    tell(f"entries {receipt.size}")
    return receipt


def founding(home: str, card: str) -> int:
    """A home that is made where there is none."""
    del card
    house = House(Path(home), clock=SystemClock())
    tell(f"entries {house.store.size}")
    house.close()
    return 0


def slot(home: str, card: str) -> int:
    """The process of a slot."""
    appliance.slot.FencedParsers = Childless
    job = SlotJob(1, str(described(Path(card))), "erase", "")
    return appliance.slot.main([_plan(_wired(home).slot_command(job))])


def ledger(home: str, card: str) -> int:
    """The process of the ledger, with its catalogue."""
    del card
    return appliance.ledgerd.main([_plan(_wired(home).ledger_command())])


def append(home: str, card: str) -> int:
    """A caller who fills a batch, lets the catalogue be rebuilt, and appends once more."""
    del card
    client = LedgerClient(Path(home) / "run" / "ledger.sock", deadline_s=10)
    told(client.append([ALARM] * 256))
    client.rebuild_catalogue()
    told(client.append([ALARM]))
    return 0


def tell(line: str) -> None:
    """Write a line where it outlives this process; what cannot be told was not promised."""
    with suppress(OSError):
        os.write(2, f"promised {line}\n".encode())


ACTS: dict[str, Callable[[str, str], int]] = {
    "alone": alone,
    "founding": founding,
    "slot": slot,
    "ledger": ledger,
    "append": append,
}


def perform(act: str, home: str, card: str, plant: str | None) -> int:
    """Perform one act; an error that the appliance raises on purpose is an exit code.

    ``plant`` names a fault of ours (``plants.py``) that the checkers must find.
    """
    if plant:
        PLANTS[plant]()
    try:
        return ACTS[act](home, card)
    except FsyncFailedError as error:
        sys.stderr.write(f"{error}\n")
        return FAILED_SYNC
    except EvidenceError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _wired(home: str):
    return wire(load_settings(None, home, ENVIRONMENT, Path(os.devnull)))


def _plan(command: Sequence[str]) -> str:
    return next(word for word in command if word.startswith("{"))
