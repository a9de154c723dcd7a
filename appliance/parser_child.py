"""A parser child: ``python -m appliance.parser_child MODULE:FUNCTION BOUNDS``, or forked.

Imports its one task, closes the fence, says READY, and then serves: a task comes in over standard
input, the task asks for bytes over it, one JSON value goes out.  Everything that a task needs is
imported and warmed before the fence (``warm()`` of the task's module, where it has one): behind it
no file can be opened, so a late import fails.
"""

import ctypes
import importlib
import json
import os
import select
import sys
from collections.abc import Callable
from typing import Final, TypeAlias

from appliance import frames
from appliance.fence import close_fence
from appliance.frames import Bounds
from evidence.errors import EvidenceError, ParserError
from evidence.json import Json, JsonObject
from evidence.ports import Source

Task: TypeAlias = Callable[[Source, JsonObject], Json]

IDLE_MS: Final = 50
# Looked up before the fence; a C library without it keeps what it once had.
_TRIM: Final = getattr(ctypes.CDLL(None), "malloc_trim", None)
_IDLE: Final = select.poll()
WARM_CODECS: Final = ("ascii", "latin-1", "utf-8", "utf-16-le", "utf-16-be", "idna")


class HangUpError(OSError):
    """The parent is gone, or speaks nonsense.  Whoever catches it fails at the next frame."""


def main() -> None:
    """Run the child that the command line names; leave without finalisers, which want files."""
    target, bounds = sys.argv[1:]
    os._exit(run_child(target, bounds))


def run_child(target: str, bounds: str, *, forked: bool = False) -> int:
    """Be a parser child until the parent hangs up; return the exit code.

    ``bounds``: JSON of ``Bounds``.  ``forked``: ends with whoever forked it.
    """
    try:
        _run(target, bounds, forked=forked)
    except OSError:
        return 1  # the parent is gone, or has seen enough
    return 0


def _run(target: str, bounds: str, *, forked: bool) -> None:
    try:
        task = load(target)
        walls = close_fence(Bounds(**json.loads(bounds)), forked=forked)
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent must hear of it
        _send_json(frames.FAILED, failure(error))
        return
    _send_json(frames.READY, walls)
    _IDLE.register(frames.CHANNEL, select.POLLIN)
    while True:
        _rest()
        _serve(task)


def load(target: str) -> Task:
    """Import ``MODULE:FUNCTION`` and all that it will need behind the fence."""
    for codec in WARM_CODECS:
        "a".encode(codec).decode(codec)
    module_name, _, name = target.partition(":")
    module = importlib.import_module(module_name)
    warm = getattr(module, "warm", None)
    if warm is not None:
        warm()
    task: Task = getattr(module, name)
    return task


def _serve(task: Task) -> None:
    kind, content = _receive(frames.TASK_LIMIT_BYTES)
    if kind != frames.TASK:
        raise HangUpError
    given = json.loads(content)
    try:
        answer = task(AskingSource(given["size"]), given["request"])
        content = json.dumps(answer, separators=(",", ":"), allow_nan=False).encode()
    except Exception as error:  # noqa: BLE001 - a hostile file may raise anything in a parser
        _send_json(frames.FAILED, failure(error))
    else:
        _send(frames.ANSWER, content)


def _rest() -> None:
    """Wait a moment for the next task; without one give memory back, so that idle is small."""
    if _TRIM is not None and not _IDLE.poll(IDLE_MS):
        _TRIM(0)


def failure(error: Exception) -> dict[str, Json]:
    """Return word and ``because`` of an error; the parent believes neither without a look."""
    if isinstance(error, MemoryError):
        return {"word": "parser_memory", "because": "memory"}
    if isinstance(error, ParserError):
        return {"word": error.word, "because": str(error.facts.get("because", error.word))}
    if isinstance(error, EvidenceError):
        return {"word": "parser_refused", "because": error.word}
    return {"word": "parser_crashed", "because": type(error).__name__.lower()}


class AskingSource:
    """The hostile file as the task sees it: every read is a question to the parent."""

    def __init__(self, size: int) -> None:
        self._size = size

    @property
    def size(self) -> int:
        """Return the size in bytes."""
        return self._size

    def read(self, offset: int, length: int) -> bytes:
        """Return up to ``length`` bytes; fewer only at the end."""
        content = bytearray(max(0, min(length, self._size - offset)))
        view, done = memoryview(content), 0
        while done < len(content):
            rest = view[done : done + frames.READ_LIMIT_BYTES]
            got = _ask(offset + done, rest)
            done += got
            if got < len(rest):
                break  # the source is shorter than it said
        return bytes(view[:done])


def _ask(offset: int, view: memoryview) -> int:
    """Ask the parent for the bytes of ``view`` and return how many it had."""
    _send(frames.READ, frames.ASK.pack(offset, len(view)))
    kind, length = frames.HEADER.unpack(_exactly(frames.HEADER.size))
    if kind != frames.DATA or length > len(view):
        raise HangUpError
    _fill(view[:length])
    return int(length)


def _send_json(kind: int, value: dict[str, Json]) -> None:
    _send(kind, json.dumps(value).encode())


def _send(kind: int, content: bytes) -> None:
    rest = memoryview(frames.HEADER.pack(kind, len(content)) + content)
    while rest:
        rest = rest[os.write(frames.CHANNEL, rest) :]


def _receive(limit: int) -> tuple[int, bytes]:
    kind, length = frames.HEADER.unpack(_exactly(frames.HEADER.size))
    if length > limit:
        raise HangUpError
    return kind, _exactly(length)


def _exactly(length: int) -> bytes:
    content = bytearray(length)
    _fill(memoryview(content))
    return bytes(content)


def _fill(view: memoryview) -> None:
    """Read until ``view`` is full, without an object for each piece that the channel gives."""
    while view:
        got = os.readv(frames.CHANNEL, [view])
        if not got:
            raise HangUpError
        view = view[got:]


if __name__ == "__main__":
    main()
