"""SHA-256 of bytes that come in pieces, here or in a thread beside the reader."""

import hashlib
from collections.abc import Callable, Iterable
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Self

Chunk = bytes | memoryview

BUFFERS = 4  # pieces of one reading that live at once: one is filled, the others are digested


def digest_of(pieces: Iterable[Chunk]) -> str:
    """Return the SHA-256 of all pieces in order, as 64 lower-case hex characters (FIPS 180-4)."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


class Lane:
    """A thread that digests or writes the last pieces while its caller reads the next.

    Worth a thread because both let go of the interpreter's lock.  Fewer than ``BUFFERS`` pieces are
    under way when ``update`` returns, so that a reader may fill the oldest buffer again; more than
    one, so that neither side waits for each hiccup of the other.
    """

    def __init__(self, update: Callable[[Chunk], None]) -> None:
        self._update = update
        self._given: SimpleQueue[Chunk | None] = SimpleQueue()
        self._done: SimpleQueue[Exception | None] = SimpleQueue()
        self._under_way = 0
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
        """End the thread, after the pieces that are under way."""
        self._given.put(None)
        self._thread.join()

    def update(self, piece: Chunk) -> None:
        """Take ``piece`` and wait for older ones; raises what one of them raised."""
        self._given.put(piece)
        self._under_way += 1
        self._wait(BUFFERS - 1)

    def wait(self) -> None:
        """Return when every piece is digested; raises what the first that failed raised."""
        self._wait(0)

    def _wait(self, most: int) -> None:
        """Return when at most so many pieces are under way."""
        while self._under_way > most:  # each round takes one
            error = self._done.get()
            self._under_way -= 1
            if error is not None:
                raise error

    def _run(self) -> None:
        error: Exception | None = None
        while (piece := self._given.get()) is not None:  # ends with the lane
            if error is None:  # behind a piece that failed nothing may follow
                error = self._try(piece)
            self._done.put(error)
            piece = None  # else its buffer would live until the next one

    def _try(self, piece: Chunk) -> Exception | None:
        try:
            self._update(piece)
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            return error
        return None
