"""Bytes that leave: piece by piece, each verified before, with an entry behind them at every end.

The look is open, and so in the ledger, before the first byte of the answer; it is closed when all
has gone, when the reader went away, when the grant was withdrawn, and when we are stopped.

While a quick reader takes one slice, the next one is verified beside; it counts as left only when
its turn has come.  For a slow one nothing is kept ready: two hundred of them must find room.
"""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from fastapi import Response
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from custody.access import Look, Piece
from custody.ranges import Range
from evidence.errors import EvidenceError

CHUNK_BYTES = 256 * 1024  # handed to the socket at once
ASK_S = 1.0  # how long a slow reader may keep us from asking whether the grant still lives
SLOW_S = 60.0  # for one chunk; a reader slower than that has gone away
QUICK_S = 0.5  # for one slice; for a reader slower than that nothing is kept ready

Give = Callable[[], Piece]
Told = TypeVar("Told")


class CopyResponse(Response):
    """A look as the body of an answer; ``wanted`` cuts it to the bytes that were asked for."""

    def __init__(self, look: Look, wanted: Range, headers: dict[str, str], status: int) -> None:
        super().__init__(None, status, media_type="application/octet-stream")
        del self.headers["content-length"]
        self.headers.update({**headers, "Content-Length": str(wanted.length)})
        self._look, self._wanted = look, wanted
        self._chunks = 0  # taken by the reader
        self._turn = asyncio.Lock()  # one question to the look at a time
        self._beside: asyncio.Future[Any] | None = None  # one that is being answered
        self._coming: asyncio.Task[Give | None] | None = None  # the next slice

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send everything; the connection breaks where it cannot go on, for all to see."""
        del scope
        gone = asyncio.create_task(_gone(receive))
        sending = asyncio.create_task(self._send_all(send, gone))
        try:
            await self._watch(sending, gone)
        finally:
            gone.cancel()
            await asyncio.shield(self._end(sending))

    async def _send_all(self, send: Send, gone: asyncio.Task[None]) -> None:
        start = {"type": "http.response.start", "status": self.status_code}
        await send({**start, "headers": self.raw_headers})
        gives, skip, left = self._look.ahead(), self._wanted.skip, self._wanted.length
        quick = False
        while left and (give := await self._next(gives)) is not None:
            piece = await self._ask(give)
            if quick:
                self._coming = asyncio.create_task(self._verified(gives))
            begun = _now()
            data = memoryview(piece.data)[skip : skip + left]
            skip, left = max(0, skip - len(piece.data)), left - len(data)
            for at in range(0, len(data), CHUNK_BYTES):
                if gone.done():
                    return
                chunk = bytes(data[at : at + CHUNK_BYTES])
                # With the last byte the answer is over: the next request may come at once.
                await send(_body(chunk, more=left > 0 or at + CHUNK_BYTES < len(data)))
                self._chunks += 1
            quick = _now() - begun < QUICK_S
            del give, piece, data  # what a slow reader has taken makes room for the next
        if not self._wanted.length and await self._next(gives) is None:
            await send(_body(b"", more=False))

    async def _watch(self, sending: asyncio.Task[None], gone: asyncio.Task[None]) -> None:
        """Ask again and again whether the grant lives, however slow the reader is."""
        seen, since = self._chunks, _now()
        while True:  # ends with the answer, the reader, the grant, or by the clock
            await asyncio.wait({sending, gone}, timeout=ASK_S, return_when="FIRST_COMPLETED")
            if sending.done():
                return sending.result()
            if gone.done():
                return None
            if self._chunks != seen:
                seen, since = self._chunks, _now()
            if _now() - since > SLOW_S:
                raise ConnectionError
            await self._ask(self._look.check)

    async def _next(self, gives: Iterator[Give]) -> Give | None:
        """Return what gives the next slice; None behind the last."""
        coming, self._coming = self._coming, None
        return await (coming or self._verified(gives))

    async def _verified(self, gives: Iterator[Give]) -> Give | None:
        return await self._ask(lambda: next(gives, None))

    async def _ask(self, question: Callable[[], Told]) -> Told:
        """Ask the look beside the events.  Who is cancelled leaves the question to its end."""
        async with self._turn:
            # Not by the pool of the framework: it costs more than a slice takes to be verified.
            beside = asyncio.get_running_loop().run_in_executor(None, question)
            self._beside = beside
            told = await asyncio.shield(beside)
            self._beside = None
            return told

    async def _end(self, sending: asyncio.Task[None]) -> None:
        """Close the look when nobody asks it any more.

        A ledger that takes no entry now gets it at the next start.
        """
        tasks = [each for each in (sending, self._coming) if each is not None]
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._beside is not None:
            await asyncio.wait({self._beside})
        await run_in_threadpool(self._close)

    def _close(self) -> None:
        try:
            self._look.close()
        except EvidenceError:
            return


def _body(chunk: bytes, *, more: bool) -> dict[str, object]:
    return {"type": "http.response.body", "body": chunk, "more_body": more}


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _gone(receive: Receive) -> None:
    """Wait until the reader has gone away."""
    while (await receive())["type"] != "http.disconnect":
        pass
