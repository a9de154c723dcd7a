"""The port ``Ledger`` over the Unix socket of the ledger process.  Lean: every process has one."""

import contextlib
import select
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock

from evidence.codec import decode_entry, decode_statement
from evidence.entry import Commitment, Draft, Entry, Receipt, Statement
from evidence.errors import IntegrityError, LedgerUnavailableError
from evidence.json import Json, JsonObject
from vault.wire import (
    VERSION,
    MalformedFrameError,
    drafts_json,
    parse_receipt,
    raise_error,
    receive_frame,
    send_frame,
    set_patience,
    socket_address,
)

DEADLINE_S = 120.0  # for one answer: a disk that is being repaired takes its time
CATALOGUE_WAIT_S = 10.0
_ROW = 4  # id, index of the entry, subject and digest of one statement
_WRITING = frozenset(("append", "accept_clock"))


class LedgerClient:
    """Asks the ledger process.  For any number of threads: each call has a connection of its own.

    Connections are kept between calls; one that the process has closed meanwhile is replaced.
    """

    def __init__(self, path: Path, deadline_s: float = DEADLINE_S) -> None:
        """Speak to the socket at ``path``.  Nothing is opened before the first call."""
        self._path, self._deadline_s = path, deadline_s
        self._idle: list[socket.socket] = []
        self._mutex = Lock()

    def append(self, drafts: Sequence[Draft]) -> Receipt:
        """See ``evidence.ports.Ledger``.

        The word ``ledger_outcome_unknown`` says that the entries may be there.
        """
        return parse_receipt(self._ask("append", drafts=drafts_json(drafts)))

    def last(self, subject: str) -> int | None:
        """See ``evidence.ports.Ledger``."""
        answer = self._ask("last", subject=subject)["index"]
        return None if answer is None else _integer(answer)

    def entry(self, index: int) -> Entry:
        """See ``evidence.ports.Ledger``."""
        return decode_entry(_text(self._ask("entry", index=index)["entry"]).encode())

    def statement(self, index: int) -> Statement | None:
        """See ``evidence.ports.Ledger``."""
        answer = self._ask("statement", index=index)["statement"]
        return None if answer is None else decode_statement(_text(answer).encode())

    def get(self, commitment: Commitment) -> Statement | None:
        """See ``evidence.ports.Statements``: an audit reads them through the ledger process."""
        answer = self._ask("paper", of=commitment.of, sha256=commitment.sha256)["statement"]
        return None if answer is None else decode_statement(_text(answer).encode())

    def commitments(self) -> Iterator[tuple[int, Commitment]]:
        """See ``evidence.ports.Statements``."""
        after: Json = None
        while rows := _rows(self._ask("papers", after=after)):  # ends with a page without rows
            for _, seq, of, sha256 in rows:
                yield _integer(seq), Commitment(_text(of), _text(sha256))
            after = rows[-1][0]

    def subjects(self) -> tuple[int, int]:
        """Return how many entries the index of subjects holds, and how many subjects."""
        answer = self._ask("subjects")
        return _integer(answer["size"]), _integer(answer["count"])

    def pseudonym(self, kind: str, text: str) -> str:
        """See ``evidence.ports.Ledger``."""
        return _text(self._ask("pseudonym", kind=kind, text=text)["id"])

    def checkpoint(self) -> bytes:
        """Return the last signed checkpoint."""
        return _text(self._ask("checkpoint")["note"]).encode()

    def wait_catalogue(self, index: int, timeout_s: float = CATALOGUE_WAIT_S) -> int:
        """Wait until the catalogue has applied entry ``index``; return how many it has applied.

        Raises ``VaultUnavailableError`` (``catalogue_down``, ``catalogue_behind``).
        """
        timeout_ms = round(timeout_s * 1000)
        answer = self._ask("wait_catalogue", index=index, timeout_ms=timeout_ms)
        return _integer(answer["applied"])

    def rebuild_catalogue(self) -> tuple[int, int]:
        """Let the catalogue be made anew; return how many entries and rows it has then."""
        answer = self._ask("rebuild_catalogue")
        return _integer(answer["entries"]), _integer(answer["rows"])

    def accept_clock(self, actor: str) -> Receipt:
        """Write that a person accepts that our own clock went back."""
        return parse_receipt(self._ask("accept_clock", actor=actor))

    def shred(self, segments: Sequence[str]) -> None:
        """See ``evidence.disposal.Shredder``."""
        self._ask("shred", segments=list(segments))

    def close(self) -> None:
        """Close the connections that are not in use.  The client can go on being used."""
        with self._mutex:
            idle, self._idle = self._idle, []
        for sock in idle:
            sock.close()

    def _ask(self, ask: str, **fields: Json) -> JsonObject:
        sock = self._take_idle() or self._connect()
        try:
            answer = self._exchange(sock, {"v": VERSION, "ask": ask, **fields})
        except BaseException:
            sock.close()  # out of step, or gone
            raise
        with self._mutex:
            self._idle.append(sock)
        raise_error(answer)
        return _object(answer.get("ok"))

    def _exchange(self, sock: socket.socket, request: JsonObject) -> JsonObject:
        with _mapped("ledger_unreachable", self._path):
            # Cut in here, the request is not whole, and no server acts on a part of one.
            send_frame(sock, request)
        cut = "ledger_outcome_unknown" if request["ask"] in _WRITING else "ledger_unreachable"
        with _mapped(cut, self._path):
            answer = receive_frame(sock)
            if answer is None:
                raise ConnectionResetError
        return answer

    def _take_idle(self) -> socket.socket | None:
        """Return a kept connection that the other side has not closed."""
        while True:  # each round takes one away
            with self._mutex:
                if not self._idle:
                    return None
                sock = self._idle.pop()
            # Readable between two calls: closed, or out of step. Either way it is of no use.
            if not select.select([sock], [], [], 0)[0]:
                return sock
            sock.close()

    def _connect(self) -> socket.socket:
        sock = socket.socket(socket.AF_UNIX)
        try:
            set_patience(sock, receiving_s=self._deadline_s, sending_s=self._deadline_s)
            with _mapped("ledger_unreachable", self._path), socket_address(self._path) as address:
                sock.connect(address)
        except BaseException:
            sock.close()
            raise
        return sock


@contextlib.contextmanager
def _mapped(word: str, path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, MalformedFrameError) as error:
        raise LedgerUnavailableError(word, path=str(path)) from error


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise IntegrityError("answer_malformed")
    return value


def _integer(value: Json) -> int:
    if type(value) is not int:  # not isinstance: True is an int
        raise IntegrityError("answer_malformed")
    return value


def _rows(answer: JsonObject) -> list[list[Json]]:
    match answer.get("rows"):
        case list(rows) if all(isinstance(row, list) and len(row) == _ROW for row in rows):
            return [row for row in rows if isinstance(row, list)]
        case _:
            raise IntegrityError("answer_malformed")


def _object(value: Json) -> JsonObject:
    if not isinstance(value, dict):
        raise IntegrityError("answer_malformed")
    return value
