"""Every durable step of the product, found where it happens and broken in either way.

A row is a primitive (a call that changes what a medium holds) and the function of ours that asked
for it.  Nobody has to mark a step: one that is new appears by itself, and a test that knows the
table of rows fails.  Not seen here are the system calls inside SQLite: its transactions are rows as
wholes, and its calls are the business of ``tests/crash``.
"""

import errno
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any
from unittest.mock import patch

import drivers.ways

OURS = ("vault.", "ingest.", "drivers.", "custody.")
# They write for others: a row names who asked them to.
TOOLS = frozenset({"vault.durable", "vault.database", "vault.sql", "drivers.remove"})
PRIMITIVES = (
    "fsync", "link", "rename", "unlink", "mkdir", "rmdir", "chmod", "fchmod",
    "ftruncate", "write", "pwrite",
)  # fmt: skip
WRITING = ("PRAGMA journal_mode", "COMMIT")


@dataclass
class Plant:
    """Sees every row; breaks the ``nth`` occurrence of one; ``applied``: done, but reports failure.

    ``word`` of errno is what the broken call says.
    """

    row: str | None = None
    nth: int = 1
    applied: bool = False
    number: int = errno.EIO
    seen: list[str] = field(default_factory=list)
    struck: bool = False
    lock: Any = field(default_factory=Lock)

    def aim(self, row: str, nth: int, *, applied: bool) -> None:
        """Break this from now on."""
        self.row, self.nth, self.applied, self.struck = row, nth, applied, False
        self.seen.clear()

    def rest(self) -> None:
        """Break nothing any more."""
        self.row = None

    def call(self, primitive: str, real: Callable[[], Any], broken: Callable[[], Exception]) -> Any:
        """Make one call of a primitive, or break it."""
        asked_by = asking()
        if asked_by is None:  # the test itself, or a library
            return real()
        row = f"{primitive} for {asked_by}"
        with self.lock:
            self.seen.append(row)
            strikes = row == self.row and self.seen.count(row) == self.nth
        if not strikes:
            return real()
        self.struck = True
        if self.applied:
            real()
        raise broken()

    @contextmanager
    def planted(self) -> Iterator["Plant"]:
        """Stand around every primitive while the block runs."""
        calls = {name: self._standing_in(name) for name in PRIMITIVES}
        connect = sqlite3.connect
        with (
            patch.multiple(os, **calls),
            patch.object(sqlite3, "connect", self._connecting(connect)),
            patch.object(sqlite3.dbapi2, "connect", self._connecting(connect)),
            patch.object(drivers.ways, "run", self._running(drivers.ways.run)),
        ):
            yield self

    def _standing_in(self, name: str) -> Callable[..., Any]:
        real = getattr(os, name)

        def call(*args: Any, **named: Any) -> Any:
            return self.call(name, lambda: real(*args, **named), self._os_error)

        return call

    def _os_error(self) -> Exception:
        return OSError(self.number, os.strerror(self.number))

    def sqlite_error(self) -> Exception:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorname = "SQLITE_FULL" if self.number == errno.ENOSPC else "SQLITE_IOERR"
        return error

    def _connecting(self, connect: Callable[..., Any]) -> Callable[..., Any]:
        planted = type("Planted", (_Connection,), {"plant": self})
        return lambda *args, **named: connect(*args, **{**named, "factory": planted})

    def _running(self, run: Callable[..., str]) -> Callable[..., str]:
        def call(command: list[str], **named: str) -> str:
            def broken() -> Exception:
                return drivers.ways.EraseError("tool_failed", tool=command[0])

            return self.call(command[0], lambda: run(command, **named), broken)

        return call


class _Connection(sqlite3.Connection):
    """A connection whose commits are rows."""

    plant: Plant

    def execute(self, sql: str, *more: Any) -> sqlite3.Cursor:
        word = next((word for word in WRITING if sql.startswith(word)), None)
        if word is None:
            return super().execute(sql, *more)
        real = partial(super().execute, sql, *more)
        return self.plant.call(word, real, self.plant.sqlite_error)

    def executescript(self, sql: str) -> sqlite3.Cursor:
        real = partial(super().executescript, sql)
        return self.plant.call("script", real, self.plant.sqlite_error)

    def commit(self) -> None:
        if self.in_transaction:
            self.plant.call("COMMIT", super().commit, self.plant.sqlite_error)

    def __exit__(self, *error: object) -> Any:
        return super().__exit__(*error) if error[0] else self.commit()


def asking() -> str | None:
    """Return the function of ours that asked for what happens now; None where no one of ours did.

    A test that is called back by our code (a fake, an audit's catalogue) asks for itself.
    """
    frame = sys._getframe(2)
    helper = None
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module.startswith("tests.") and module != __name__:
            break
        if module.startswith(OURS):
            name = f"{module}.{frame.f_code.co_qualname}".replace(".<locals>", "")
            if module not in TOOLS:
                return name
            helper = helper or name
        frame = frame.f_back
    return helper
