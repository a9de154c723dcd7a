"""What the ledger process and its clients say to each other over the Unix socket.

A frame is its length (4 bytes, big-endian) and canonical JSON.  A request is
``{"v":1,"ask":…,…}``; an answer is ``{"ok":{…}}`` or ``{"error":{"kind","word","facts"}}``.
Both ends import this module, so it stays lean: no cryptography, no database.
"""

import os
import socket
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from evidence import errors
from evidence.canonical import decode, encode
from evidence.entry import Draft, Private, Receipt
from evidence.errors import EvidenceError, LedgerUnavailableError, MalformedError
from evidence.json import Json, JsonObject

VERSION = 1
FRAME_LIMIT_BYTES = 64 << 20  # the statement of a very full recorder
_LENGTH_BYTES = 4
_RECEIVED_BYTES = 64 << 10  # at once: nearly every frame comes whole
_WAITS = (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO)


class MalformedFrameError(MalformedError):
    """What came is no frame, or only the beginning of one: the connection is out of step."""


# The classes that cross the wire by name.  Everything else that the other side meets is its own
# trouble and arrives as LedgerUnavailableError; so does a failed fsync, which stops *that* process.
KINDS: Mapping[str, type[EvidenceError]] = {
    kind.__name__: kind
    for kind in (
        errors.UsageError,
        errors.CustodyError,
        errors.IntegrityError,
        errors.DigestMismatchError,
        errors.ProofError,
        errors.LedgerForkError,
        errors.MalformedError,
        errors.ConflictError,
        errors.VaultUnavailableError,
        errors.NoSpaceError,
        errors.LedgerUnavailableError,
        errors.ObjectConflictError,
    )
}


def frame_of(value: JsonObject) -> bytes:
    """Return the bytes of one frame.  Raises ``MalformedError`` for more than the limit."""
    data = encode(value)
    if len(data) > FRAME_LIMIT_BYTES:
        raise MalformedError("frame_too_long", limit=FRAME_LIMIT_BYTES, length=len(data))
    return len(data).to_bytes(_LENGTH_BYTES, "big") + data


def send_frame(sock: socket.socket, value: JsonObject) -> None:
    """Send one frame.  Raises ``OSError``, and ``MalformedError`` for more than the limit."""
    sock.sendall(frame_of(value))


def receive_frame(sock: socket.socket) -> JsonObject | None:
    """Return the one frame that is awaited, or None where the other side has closed before it.

    Raises ``OSError``, and ``MalformedFrameError`` for what is no frame, or more than one.
    """
    frames = Frames(sock)
    value = frames.next()
    if frames.begun:
        raise MalformedFrameError("frame_malformed", limit=FRAME_LIMIT_BYTES)
    return value


def set_patience(sock: socket.socket, *, receiving_s: float = 0, sending_s: float = 0) -> None:
    """Let the kernel give a blocking socket up after so many seconds; 0 is never.

    Python's own timeouts ask before each call whether it would wait: two system calls for one.
    """
    for option, seconds in zip(_WAITS, (receiving_s, sending_s), strict=True):
        whole, rest = divmod(round(seconds * 1_000_000), 1_000_000)
        sock.setsockopt(socket.SOL_SOCKET, option, struct.pack("@ll", whole, rest))


class Frames:
    """What comes through one socket, frame by frame.  One thread at a time."""

    def __init__(self, sock: socket.socket, patience_s: float | None = None) -> None:
        """Wait for a first byte as long as the socket does; ``patience_s`` for each later piece."""
        self._sock, self._patience_s = sock, patience_s
        self._data = bytearray()  # what came and was not yet taken

    @property
    def begun(self) -> bool:
        """Return whether something of another frame has come already."""
        return bool(self._data)

    def next(self) -> JsonObject | None:
        """Return the next frame, or None where the other side has closed between two frames.

        Raises ``OSError``, and ``MalformedFrameError`` for what is no frame.
        """
        if not self._data and not self._receive():
            return None
        self._fill(_LENGTH_BYTES)
        length = int.from_bytes(self._data[:_LENGTH_BYTES], "big")
        if length > FRAME_LIMIT_BYTES:
            raise MalformedFrameError("frame_malformed", limit=FRAME_LIMIT_BYTES)
        end = _LENGTH_BYTES + length
        self._fill(end)
        value = _value(bytes(memoryview(self._data)[_LENGTH_BYTES:end]))
        del self._data[:end]
        return value

    def _fill(self, length: int) -> None:
        """Receive until so many bytes are there; the other side has begun, and is to go on."""
        if len(self._data) >= length:
            return
        if self._patience_s is not None:
            set_patience(self._sock, receiving_s=self._patience_s, sending_s=self._patience_s)
        while len(self._data) < length:  # each round takes at least one byte
            if not self._receive():
                raise MalformedFrameError("frame_malformed", limit=FRAME_LIMIT_BYTES)
        if self._patience_s is not None:
            set_patience(self._sock, sending_s=self._patience_s)

    def _receive(self) -> bool:
        piece = self._sock.recv(_RECEIVED_BYTES)
        self._data += piece
        return bool(piece)


def _value(data: bytes) -> JsonObject:
    try:
        value = decode(data)
    except MalformedError as error:
        raise MalformedFrameError("frame_malformed", because=error.word) from error
    if not isinstance(value, dict):
        raise MalformedFrameError("frame_malformed", limit=FRAME_LIMIT_BYTES)
    return value


def error_answer(error: EvidenceError) -> JsonObject:
    """Return the answer that tells ``error``."""
    kind = type(error).__name__
    facts = {name: _plain(value) for name, value in error.facts.items()}
    if isinstance(error, MalformedFrameError):
        kind = MalformedError.__name__
    known = kind if kind in KINDS else LedgerUnavailableError.__name__
    return {"error": {"kind": known, "word": error.word, "facts": facts}}


def raise_error(answer: JsonObject) -> None:
    """Raise the error that an answer tells, as the class it was on the other side."""
    match answer.get("error"):
        case None:
            return
        case {"kind": str(kind), "word": str(word), "facts": dict(facts)}:
            raise KINDS.get(kind, LedgerUnavailableError)(word, **facts)
        case _:
            raise MalformedError("answer_malformed")


def drafts_json(drafts: Sequence[Draft]) -> list[JsonObject]:
    """Return the drafts of one append as they cross the wire."""
    return [
        {
            "type": draft.type,
            "actor": draft.actor,
            "about": [*draft.about],
            "body": draft.body,
            "expect": draft.expect,
            "private": _private_json(draft.private) if draft.private else None,
        }
        for draft in drafts
    ]


def parse_drafts(value: Json) -> list[Draft]:
    """Return the drafts that crossed the wire, or raise ``MalformedError``."""
    if not isinstance(value, list):
        raise MalformedError("draft_malformed", field="drafts")
    return [_draft(each) for each in value]


def receipt_json(receipt: Receipt) -> JsonObject:
    """Return a receipt as it crosses the wire."""
    return {"indexes": [*receipt.indexes], "size": receipt.size}


def parse_receipt(value: JsonObject) -> Receipt:
    """Return the receipt that crossed the wire, or raise ``MalformedError``."""
    match value:
        case {"indexes": list(indexes), "size": int(size)}:
            return Receipt(tuple(each for each in indexes if isinstance(each, int)), size)
        case _:
            raise MalformedError("answer_malformed")


@contextmanager
def socket_address(path: Path) -> Iterator[str]:
    """Yield an address for the socket at ``path``, which may be longer than the kernel's 108 bytes.

    The directory is held open, and named by its descriptor.
    """
    descriptor = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}/{path.name}"
    finally:
        os.close(descriptor)


def _private_json(private: Private) -> JsonObject:
    return {
        "of": private.of,
        "facts": private.facts,
        "lines": [*private.lines],
        "salt": private.salt,
    }


def _draft(value: Json) -> Draft:
    match value:
        case {
            "type": str(kind),
            "actor": str(actor),
            "about": list(about),
            "body": dict(body),
            "expect": dict(expect),
            "private": private,
        } if all(isinstance(each, str) for each in about):
            return Draft(kind, actor, tuple(about), body, expect, _private(private))
        case _:
            raise MalformedError("draft_malformed", field="draft")


def _private(value: Json) -> Private | None:
    match value:
        case None:
            return None
        case {
            "of": str(of),
            "facts": dict(facts),
            "lines": list(lines),
            "salt": None | str() as salt,
        } if all(isinstance(line, dict) for line in lines):
            return Private(of, facts, tuple(lines), salt)
        case _:
            raise MalformedError("draft_malformed", field="private")


def _plain(value: object) -> Json:
    return value if value is None or isinstance(value, bool | int | str) else str(value)
