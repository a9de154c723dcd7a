"""Stage 1: copy one file into the vault's staging and digest it on the way."""

import hashlib
from contextlib import ExitStack
from typing import Self

from evidence.canonical import encode
from evidence.codec import format_time
from evidence.digest import Chunk, Lane
from evidence.findings import Finding, Noted
from evidence.ports import Recorder
from evidence.recorders import Identity
from evidence.staging import Staged
from evidence.states import Listed, Received
from ingest.tools import Tools


def receive(recorder: Recorder, listed: Listed, identity: Identity, tools: Tools) -> Received:
    """Return once every byte that the recorder gave is durable in the staging.

    The file is read from its first byte, always: what an earlier docking left in the staging is
    compared with the recorder while it passes, and continued only where it is equal.  Bytes that
    are there already are not written again.
    """
    file = listed.file
    staged = tools.objects.stage(staging_key(listed, identity), expected_size=file.size)
    try:
        with _Copy(staged, sm3=tools.rules.sm3) as copy:
            for chunk in recorder.read(file):
                copy.take(chunk)
                tools.observer.progress(listed, copy.size)
            copy.finish()
    except BaseException:
        # What was written stays for the next docking; nothing of it is in custody.
        staged.close()
        raise
    noted = copy.noted
    if copy.size < file.size:
        noted.append(Noted(Finding.SHORTER_THAN_LISTED, {"got": copy.size, "listed": file.size}))
    return Received(
        listed, staged, copy.sha256, copy.size, tools.clock.now(), copy.sm3, tuple(noted)
    )


def staging_key(listed: Listed, identity: Identity) -> str:
    """Return our own name for the staged file: the same file at the next docking gets it again.

    The recorder chose the file's name, so only a digest of it comes near a path of ours.
    """
    file = listed.file
    modified = format_time(file.modified) if file.modified else None
    # A device that only names of files tell is unknown once those files have been erased.
    device = None if ("device", "names") in identity.sources else identity.device
    whose = identity.serial or identity.volume or device
    return hashlib.sha256(encode([whose, file.raw.hex(), file.size, modified])).hexdigest()


class _Copy:
    """One pass over the recorder's bytes: digest, compare with what is kept, write the rest.

    Each of these in a thread of its own, a few chunks behind the reading.
    """

    def __init__(self, staged: Staged, *, sm3: bool) -> None:
        self._staged = staged
        self._kept = staged.length
        self._compared = 0
        self._sha256 = hashlib.sha256()
        self._sm3 = hashlib.new("sm3") if sm3 else None
        self._keeping = Lane(self._keep)
        self._digesting = [Lane(digest.update) for digest in (self._sha256, self._sm3) if digest]
        self._threads = ExitStack()
        self.size = 0
        self.noted: list[Noted] = []

    def __enter__(self) -> Self:
        for lane in (self._keeping, *self._digesting):
            self._threads.enter_context(lane)
        return self

    def __exit__(self, *_error: object) -> None:
        self._threads.close()

    def take(self, chunk: Chunk) -> None:
        for lane in (self._keeping, *self._digesting):
            lane.update(chunk)
        self.size += len(chunk)

    def finish(self) -> None:
        self._keeping.wait()
        if self._kept > self.size:
            # The recorder has less now than what was kept of it.
            self._differs(self.size)
        self._staged.sync()
        for lane in self._digesting:
            lane.wait()

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    @property
    def sm3(self) -> str | None:
        return self._sm3.hexdigest() if self._sm3 is not None else None

    def _keep(self, chunk: Chunk) -> None:
        """Write of ``chunk`` what is not in the staging yet."""
        fresh = self._compare(chunk) if self._compared < self._kept else chunk
        if fresh:
            self._staged.append(fresh)

    def _compare(self, chunk: Chunk) -> Chunk:
        """Return the part of ``chunk`` behind what was kept, or all of it where that differs."""
        at = self._compared
        kept = self._staged.read(at, min(len(chunk), self._kept - at))
        if kept == bytes(chunk[: len(kept)]):
            self._compared += len(kept)
            return chunk[len(kept) :]
        self._differs(at)
        return chunk

    def _differs(self, at: int) -> None:
        facts = {"kept": self._kept, "at": at}
        self.noted.append(Noted(Finding.BEGINNING_DIFFERS, facts))
        self._staged.truncate(at)
        self._kept = at
