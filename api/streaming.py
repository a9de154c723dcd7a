"""Bytes that leave: piece by piece, each verified before, with an entry behind them at every end.

The look is open, and so in the ledger, before the first byte of the answer; it is closed when all
has gone, when the reader went away, when the grant was withdrawn, and when we are stopped.
"""

import asyncio
from collections.abc import Iterator

from fastapi import Response
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from custody.access import Look, Piece
from custody.ranges import Range
from evidence.errors import EvidenceError

CHUNK_BYTES = 256 * 1024  # handed to the socket at once
ASK_S = 1.0  # how long a slow reader may keep us from asking whether the grant still lives
SLOW_S = 60.0  # for one chunk; a reader slower than that has gone away


class CopyResponse(Response):
    """A look as the body of an answer; ``wanted`` cuts it to the bytes that were asked for."""

    def __init__(self, look: Look, wanted: Range, headers: dict[str, str], status: int) -> None:
        super().__init__(None, status, media_type="application/octet-stream")
        del self.headers["content-length"]
        self.headers.update({**headers, "Content-Length": str(wanted.length)})
        self._look, self._wanted = look, wanted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send everything; the connection breaks where it cannot go on, for all to see."""
        del scope
        gone = asyncio.create_task(_gone(receive))
        try:
            start = {"type": "http.response.start", "status": self.status_code}
            await send({**start, "headers": self.raw_headers})
            await self._send_all(send, gone)
        finally:
            gone.cancel()
            await asyncio.shield(run_in_threadpool(self._close))

    async def _send_all(self, send: Send, gone: asyncio.Task[None]) -> None:
        pieces, skip, left = iter(self._look), self._wanted.skip, self._wanted.length
        while left and not gone.done():
            piece = await run_in_threadpool(_next, pieces)
            if piece is None:
                break
            data = piece.data[skip : skip + left]
            skip, left = max(0, skip - len(piece.data)), left - len(data)
            for at in range(0, len(data), CHUNK_BYTES):
                chunk = data[at : at + CHUNK_BYTES]
                await self._send_one(send, chunk, gone)
        if not left and await run_in_threadpool(_next, pieces) is None and not gone.done():
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_one(self, send: Send, chunk: bytes, gone: asyncio.Task[None]) -> None:
        """Send one chunk; ask meanwhile whether the grant lives, however slow the reader is."""
        message = {"type": "http.response.body", "body": chunk, "more_body": True}
        sending = asyncio.ensure_future(send(message))
        try:
            for _ in range(round(SLOW_S / ASK_S)):
                await asyncio.wait({sending, gone}, timeout=ASK_S, return_when="FIRST_COMPLETED")
                if sending.done():
                    await sending
                    return
                if gone.done():
                    return
                await run_in_threadpool(self._look.check)
        finally:
            sending.cancel()
        raise ConnectionError

    def _close(self) -> None:
        """Close the look.  A ledger that takes no entry now gets it at the next start."""
        try:
            self._look.close()
        except EvidenceError:
            return


def _next(pieces: Iterator[Piece]) -> Piece | None:
    return next(pieces, None)


async def _gone(receive: Receive) -> None:
    """Wait until the reader has gone away."""
    while (await receive())["type"] != "http.disconnect":
        pass
