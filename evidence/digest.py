"""SHA-256 of bytes that come in pieces, here or in a thread beside the reader."""

import hashlib
from collections.abc import Callable, Iterable
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Self

Chunk = bytes | memoryview


def digest_of(pieces: Iterable[Chunk]) -> str:
    """Return the SHA-256 of all pieces in order, as 64 lower-case hex characters (FIPS 180-4)."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


class Lane:
    """A thread that digests one piece while its caller reads or writes the next.

    Worth a thread because hashing lets go of the interpreter's lock.  One piece at a time is under
    way: ``update`` waits for the one before, so a reader needs no more than two buffers.
    """

    def __init__(self, update: Callable[[Chunk], None]) -> None:
        self._update = update
        self._given: SimpleQueue[Chunk | None] = SimpleQueue()
        self._done: SimpleQueue[Exception | None] = SimpleQueue()
        self._busy = False
        self._thread = Thread(target=self._run, name="digest", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the thread, after the piece that is under way."""
        self._given.put(None)
        self._thread.join()

    def update(self, piece: Chunk) -> None:
        """Begin with ``piece``, once the one before is done; raises what that one raised."""
        self.wait()
        self._busy = True
        self._given.put(piece)

    def wait(self) -> None:
        """Return when every piece is digested; raises what the last one raised."""
        if not self._busy:
            return
        self._busy = False
        error = self._done.get()
        if error is not None:
            raise error

    def _run(self) -> None:
        while (piece := self._given.get()) is not None:  # ends with the lane
            try:
                self._update(piece)
            except Exception as error:  # noqa: BLE001 - raised where it is waited for
                self._done.put(error)
            else:
                self._done.put(None)
            piece = None  # else its buffer would live until the next one
