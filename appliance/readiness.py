"""Is the house ready to take in and to answer?  Each question is asked anew, and nothing is begun.

A house is ready where its ledger process answers with a checkpoint of our own key, the catalogue is
not far behind, the home can be written, and the disk has more room than the reserve.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from appliance.disk import MOUNTS, check_mounted, disk_of
from appliance.home import Home
from evidence.checkpoint import parse
from evidence.errors import EvidenceError, NoSpaceError, VaultUnavailableError
from evidence.json import JsonObject
from evidence.note import open_note, parse_vkey
from vault.client import LedgerClient

Question = Literal["ledger", "catalogue", "writable", "reserve"]
PATIENCE_S = 3.0  # for one answer of the ledger process


@dataclass(frozen=True, slots=True)
class Wants:
    """What readiness asks for: bytes that stay free, entries that the catalogue may be behind."""

    home: Home
    reserve_bytes: int
    behind_entries: int


@dataclass(frozen=True, slots=True)
class Check:
    """One question and its answer.  ``because``: the word of an error; None: yes."""

    question: Question
    because: str | None = None


@dataclass(frozen=True, slots=True)
class Readiness:
    """Every answer, and what was learned on the way."""

    checks: tuple[Check, ...]
    entries: int | None  # of the ledger; None: it did not answer

    @property
    def ready(self) -> bool:
        """Tell whether every answer is yes."""
        return all(each.because is None for each in self.checks)


def readiness(wants: Wants) -> Readiness:
    """Ask everything; never raises.  A ledger process is asked, never started."""
    client = LedgerClient(wants.home.socket, PATIENCE_S)
    entries: list[int] = []

    def ledger() -> None:
        entries.append(_size(client, wants.home))

    def catalogue() -> None:
        if not entries:
            raise VaultUnavailableError("catalogue_down", because="ledger")
        client.wait_catalogue(entries[0] - 1 - wants.behind_entries, 0.0)

    try:
        checks = (
            _asked("ledger", ledger),
            _asked("catalogue", catalogue),
            _asked("writable", lambda: check_writable(wants.home)),
            _asked("reserve", lambda: check_reserve(wants.home, wants.reserve_bytes)),
        )
    finally:
        client.close()
    return Readiness(checks, entries[0] if entries else None)


def _asked(question: Question, ask: Callable[[], None]) -> Check:
    try:
        ask()
    except EvidenceError as error:
        return Check(question, error.word)
    except OSError as error:
        return Check(question, (error.strerror or type(error).__name__).lower())
    return Check(question)


def _size(client: LedgerClient, home: Home) -> int:
    key = parse_vkey(home.vkey.read_text("utf-8").removesuffix("\n"))
    return parse(open_note(client.checkpoint(), [key])).size


def check_writable(home: Home, mounts: Path = MOUNTS) -> None:
    """Write a byte into the home, durably, and take it away again; look at the vault's disk.

    Raises ``OSError``, and as ``check_mounted``.
    """
    probe = home.run / f".ready.{os.getpid()}"
    descriptor = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, b"?")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
        probe.unlink()
    check_mounted(home, mounts)


def check_reserve(home: Home, reserve_bytes: int) -> None:
    """Raise ``NoSpaceError`` (``no_space_left``) where less is free than the reserve."""
    disk = disk_of(home, reserve_bytes)
    if disk.free < disk.reserve:
        raise NoSpaceError("no_space_left", free=disk.free, reserve=disk.reserve)


def readiness_json(found: Readiness) -> JsonObject:
    """Return the answers as documents carry them: each question with yes or why not."""
    return {
        "ready": found.ready,
        "checks": [
            {"question": each.question, "ready": each.because is None, "because": each.because}
            for each in found.checks
        ],
    }
