"""Alarms reach people: one round over the ways that are configured (docs/keeping.md, Alarms).

What to tell is decided in ``custody/outbox.py``.  Here is what remembers it, one small file that is
written after a message went and before anything else, so a message may come twice and never not
at all (where it cannot be written, on a full disk, once an hour); and the child that takes it
there, killed where it takes too long.  Nothing of this waits for a ledger process, and nothing
waits for it.
"""

import fcntl
import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from appliance.alarm_config import AlarmsSection, addresses
from appliance.alarm_text import document, subject_of, text_of
from appliance.ourselves import our_module
from appliance.settings import Settings
from appliance.told_state import State, read_state, write_state
from custody.outbox import Message, Way, due, failed, look, message_of, pruned, went
from custody.tree import Tree
from evidence.errors import VaultError, VaultUnavailableError
from vault.tiles import TreeFolder

DEADLINE_S = 40.0  # for one message, from the name of the server to its last answer
ANSWER_LIMIT = 64 * 1024  # characters
FOLDER_MODE = 0o750
LOCK = "lock"
UNMARKED_S = 3600  # between two messages of which nobody can write down that they went


@dataclass(frozen=True, slots=True)
class Went:
    """What came of one message.  ``because`` None: it went."""

    way: str
    alarms: int
    because: str | None = None
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Round:
    """One round.  ``busy``: another process is at it, and nothing was done."""

    went: tuple[Went, ...] = ()
    open: int = 0
    busy: bool = False
    ways: Mapping[str, Way] | None = None


def tell(settings: Settings, now: datetime) -> Round:
    """Tell what is due on every way.  Raises ``VaultError`` where tree or mark cannot be used."""
    with _alone(settings.home.alarms) as alone:
        if not alone:
            return Round(busy=True)
        return _tell(settings, now)


def _tell(settings: Settings, now: datetime) -> Round:
    section, folder = settings.config.alarms, settings.home.alarms
    before = read_state(folder)
    tree = Tree(TreeFolder(settings.home.ledger))
    seen = look(tree, before.seen)
    ways = {name: before.ways.get(name, Way()) for name in section.ways}
    ways = {name: pruned(way, seen, _others(ways, name)) for name, way in ways.items()}
    repeat = timedelta(hours=section.repeat_h)
    asks = any(due(seen, way, repeat, now, _others(ways, name)) for name, way in ways.items())
    state = State(seen, ways)
    unmarked = _write(folder, state) if asks or state != before else None
    if unmarked and not (asks and _once_an_hour(folder / LOCK, now)):
        raise unmarked
    done: list[Went] = []
    for name in section.ways:
        found = due(seen, state.ways[name], repeat, now, _others(state.ways, name))
        if found:
            message = message_of(tree, found)
            result = deliver(settings, name, message, now)
            state = State(
                seen, {**state.ways, name: _after(state.ways[name], message, result, now)}
            )
            unmarked = unmarked or _write(folder, state)
            done.append(result)
    if unmarked:
        raise unmarked
    return Round(tuple(done), len(seen.open), ways=state.ways)


def _after(way: Way, message: Message, result: Went, now: datetime) -> Way:
    if result.because is None:
        return went(way, message, now, result.refused)
    return failed(way, result.because, now)


def _write(folder: Path, state: State) -> VaultError | None:
    """Keep the mark; return why it cannot be kept."""
    try:
        write_state(folder, state)
    except VaultError as error:
        return error
    return None


def _once_an_hour(lock: Path, now: datetime) -> bool:
    """Return whether people are told although nobody can write that down: a disk is full.

    That is when they must hear of it, and not each minute.  The time of a file, here of the lock,
    needs no room.
    """
    at = int(now.timestamp())
    try:
        passed = at - int(lock.stat().st_mtime)
        if 0 <= passed < UNMARKED_S:
            return False
        os.utime(lock, (at, at))
    except OSError:
        return False
    return True


def _others(ways: Mapping[str, Way], name: str) -> Sequence[tuple[str, Way]]:
    return [(other, way) for other, way in ways.items() if other != name]


def deliver(
    settings: Settings, way: str, message: Message, now: datetime, *, test: bool = False
) -> Went:
    """Send one message in a child that ends in time; return what came of it."""
    plan = _plan(settings, way, message, now, test=test)
    told = Went(way, len(message.items))
    try:
        child = subprocess.run(
            our_module("appliance.post"),
            input=json.dumps(plan),
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        answer = json.loads(child.stdout[:ANSWER_LIMIT])
        sent, refused, because = answer["sent"], answer.get("refused", 0), answer.get("because")
    except subprocess.TimeoutExpired:
        return replace(told, because="way_hangs")
    except (OSError, ValueError, KeyError, TypeError):
        return replace(told, because="way_broke")
    return replace(told, refused=int(refused)) if sent else replace(told, because=str(because))


def _plan(
    settings: Settings, way: str, message: Message, now: datetime, *, test: bool
) -> Mapping[str, Any]:
    section, at = settings.config.alarms, int(now.timestamp())
    base = {"way": way, "id": message.id, "at": at}
    if way == "webhook":
        body = json.dumps(document(settings, message, now, test=test), ensure_ascii=False)
        secret = _beside(settings, section.webhook_secret_file)
        return {**base, "url": section.webhook_url, "secret_file": secret, "body": body}
    return {**base, **_mail(settings, section), "subject": subject_of(settings, message, test=test),
            "text": text_of(settings, message, test=test)}  # fmt: skip


def _mail(settings: Settings, section: AlarmsSection) -> Mapping[str, Any]:
    return {
        "to": list(addresses(section.mail_to)),
        "from": section.mail_from,
        "host": section.smtp_host,
        "port": section.smtp_port,
        "tls": section.smtp_tls,
        "user": section.smtp_user,
        "password_file": _beside(settings, section.smtp_password_file),
    }


def _beside(settings: Settings, path: str) -> str:
    """Return a path of the configuration, which is relative to the file that says it."""
    if not path:
        return ""
    folder = settings.file.parent if settings.file else Path.cwd()
    return str(folder / Path(path).expanduser())


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Yield whether nobody else is sending; the lock ends with its process."""
    path = folder / LOCK
    try:
        folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
        new = not path.exists()
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if new:
            os.utime(path, (0, 0))  # see ``_once_an_hour``: nothing was sent unmarked yet
    except OSError as error:
        because = error.strerror or "?"
        raise VaultUnavailableError("vault_io", path=str(folder), because=because) from error
    try:
        yield _locked(lock)
    finally:
        os.close(lock)


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
