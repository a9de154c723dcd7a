"""One client of the ledger process: what it asks, one request after the other, and the answers.

An append is answered by the thread that writes, as soon as it may be: the client's own thread is
not woken for that, and waits for the next request meanwhile.
"""

import contextlib
import logging
import socket
from threading import Lock

from evidence.entry import Receipt
from evidence.errors import EvidenceError, LedgerUnavailableError
from evidence.json import JsonObject
from vault.service import Service, answer, post_append
from vault.wire import Frames, error_answer, frame_of, receipt_json, send_frame, set_patience

_LOG = logging.getLogger(__name__)


class Conversation:
    """Answers one client until it goes.  A client's trouble is nobody else's."""

    def __init__(self, client: socket.socket, service: Service, patience_s: float) -> None:
        """Take over the socket; ``patience_s`` is for a frame that has begun, and for an answer."""
        self._client, self._service = client, service
        self._frames = Frames(client, patience_s)
        set_patience(client, sending_s=patience_s)
        self._unanswered = Lock()  # held from a request to its answer

    def run(self) -> None:
        """Answer until the client goes, then close the socket."""
        with self._client:
            try:
                while self._answer_next():
                    pass
            except OSError as error:
                _LOG.debug("a client is gone: %s", error)
            finally:
                self._unanswered.acquire()  # whoever answers must not meet another's socket

    def _answer_next(self) -> bool:
        """Answer one request, or let it be answered; return whether another may follow."""
        try:
            request = self._frames.next()
        except EvidenceError as error:
            with self._unanswered:
                send_frame(self._client, error_answer(error))
            return False  # where the next frame begins is not known any more
        if request is None:
            return False
        self._unanswered.acquire()
        if request.get("ask") == "append":
            self._append(request)
        else:
            self._answer_now(request)
        return True

    def _append(self, request: JsonObject) -> None:
        try:
            post_append(self._service, request, self._told)
        except Exception as error:  # noqa: BLE001 - told like any other outcome
            self._told(_as_ours(error, request))

    def _told(self, outcome: Receipt | EvidenceError) -> None:
        """Answer an append, in whatever thread.  Never waits, and never raises."""
        try:
            if isinstance(outcome, EvidenceError):
                frame = frame_of(error_answer(outcome))
            else:
                frame = frame_of({"ok": receipt_json(outcome)})
            # Who reads their answers has room for this one; nobody else is waited for.
            if self._client.send(frame, socket.MSG_DONTWAIT) < len(frame):
                raise BlockingIOError
        except (OSError, EvidenceError) as error:
            _LOG.debug("a client takes no answer: %s", error)
            with contextlib.suppress(OSError):  # it is gone already
                self._client.shutdown(socket.SHUT_RDWR)
        finally:
            self._unanswered.release()

    def _answer_now(self, request: JsonObject) -> None:
        try:
            _send(self._client, self._answer(request))
        finally:
            self._unanswered.release()

    def _answer(self, request: JsonObject) -> JsonObject:
        try:
            return {"ok": answer(self._service, request)}
        except Exception as error:  # noqa: BLE001 - a fault in one answer ends nobody else's
            return error_answer(_as_ours(error, request))


def _as_ours(error: Exception, request: JsonObject) -> EvidenceError:
    if isinstance(error, EvidenceError):
        return error
    _LOG.error("a fault of ours in %s", request.get("ask"), exc_info=error)
    return LedgerUnavailableError("ledger_fault")


def _send(client: socket.socket, value: JsonObject) -> None:
    try:
        send_frame(client, value)
    except EvidenceError as error:  # too long for a frame; nothing of it was sent
        send_frame(client, error_answer(error))
