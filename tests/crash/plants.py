"""Faults of our own code that the checkers must find: promises kept a little less.

Each is patched into the process of an act only; nothing of it reaches the tests.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ingest import pipeline, session
from vault import commit, database, durable, founding, keys, lock, objects, recovery, staging
from vault.durable import Syncs
from vault.objects import LocalObjects

SYNCING = (commit, database, durable, founding, keys, lock, objects, recovery, staging)


def _nothing(*_: object, **__: object) -> None:
    return


def _make(_objects: LocalObjects, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)


def _everywhere(name: str, value: object) -> None:
    for module in SYNCING:
        if hasattr(module, name):
            setattr(module, name, value)


def no_folder_sync() -> None:
    """No folder is synced: names may be gone."""
    _everywhere("sync_directory", _nothing)
    Syncs.directory = _nothing
    LocalObjects._make_durable = _make


def no_file_sync() -> None:
    """No file is synced: bytes may be gone."""
    _everywhere("sync_file", _nothing)
    Syncs.file = _nothing


def no_object_folder_sync() -> None:
    """The folder of an object is not synced in its parent."""
    LocalObjects._make_durable = _make


def no_lock_sync() -> None:
    """The database of the lock does not wait for the disk."""
    opened = database.open_database

    def open_unsynced(path: Path, **named: object) -> sqlite3.Connection:
        connection = opened(path, **named)
        connection.execute("PRAGMA synchronous=OFF")
        return connection

    lock.open_database = open_unsynced
    keys.open_database = open_unsynced


def no_staging() -> None:
    """A batch is signed before its tiles are staged durably."""

    def write_unsynced(files: Sequence[durable.File]) -> None:
        for path, data in files:
            path.write_bytes(data)

    staging.write_fresh = write_unsynced


def no_name_sync() -> None:
    """A batch's staging is dropped before the names that it has in the tree are durable."""
    staging.TreeWriter.sync = _nothing


def not_read_only() -> None:
    """An object keeps its write permission."""
    LocalObjects._protect = _nothing


def erased_early() -> None:
    """The recorder forgets before anything is certified."""
    kept = session.forget

    def forget_first(recorder, after, progress, inventory, tools):
        for listed in inventory.files:
            (Path(recorder.inner.where) / listed.file.path).unlink()
        return kept(recorder, "confirm" if after == "erase" else after, progress, inventory, tools)

    session.forget = forget_first


def told_early() -> None:
    """An observer hears of a seal before the ledger has it."""
    real = pipeline.seal

    def seal(stored, inventory, tools):
        tools.observer.sealed(_Sealed(stored.received))
        return real(stored, inventory, tools)

    pipeline.seal = seal


class _Sealed:
    def __init__(self, received):
        self.stored = self
        self.received = received


def goes_on() -> None:
    """A failed sync is forgotten: the vault goes on with the next file."""
    Syncs._make = lambda _self, sync, _path: sync()
    session.ENDS_THE_DOCKING = tuple(
        kind for kind in session.ENDS_THE_DOCKING if kind.__name__ != "FsyncFailedError"
    )


def stays_up() -> None:
    """The ledger process serves on after a failed sync."""
    staging.sync_directory = _swallowing(durable.sync_directory)
    durable.sync_file = _swallowing(durable.sync_file)


def _swallowing(sync: Callable[..., None]) -> Callable[..., None]:
    def call(*arguments: object) -> None:
        try:
            sync(*arguments)
        except durable.FsyncFailedError:
            return

    return call


PLANTS: Mapping[str, Callable[[], None]] = {
    each.__name__: each
    for each in (
        no_folder_sync,
        no_file_sync,
        no_object_folder_sync,
        no_lock_sync,
        no_staging,
        no_name_sync,
        not_read_only,
        erased_early,
        told_early,
        goes_on,
        stays_up,
    )
}
