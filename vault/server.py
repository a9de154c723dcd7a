"""The ledger process' Unix socket: one thread for each client, one thread that writes."""

import contextlib
import selectors
import socket
import time
from pathlib import Path
from threading import Lock, Thread

from evidence.errors import LedgerUnavailableError
from vault.conversation import Conversation
from vault.durable import mapped
from vault.feed import CatalogueFeed, Rebuildable
from vault.ledger import LedgerStore
from vault.service import Lawful, Service, nothing_is_lawful
from vault.wire import error_answer, send_frame, set_patience, socket_address
from vault.writer import Writer

CLIENT_LIMIT = 128  # connections at once
PATIENCE_S = 30.0  # for the rest of a frame that has begun, and for a client that takes no answer
CLOSING_S = 10.0  # for answers that are under way when the process ends
_BACKLOG = 64
_TICK_S = 0.5  # how often an idle server looks whether it may go
_SOCKET_MODE = 0o660  # the group, and nobody else


class LedgerServer:
    """Serves one store until it is told to stop, is idle for too long, or the store has stopped."""

    def __init__(
        self,
        store: LedgerStore,
        path: Path,
        catalogue: Rebuildable | None = None,
        *,
        linger_s: float | None = None,
        lawful: Lawful = nothing_is_lawful,
    ) -> None:
        """Take over ``store`` and listen: who connects from now on waits until ``run``.

        With ``linger_s``, end after so many seconds without a client.  ``lawful`` is asked before
        words are destroyed; where nobody says how it is decided, none are.
        """
        self._path, self._linger_s = path, linger_s
        self._listener = _listen(path)
        self._inode = path.stat().st_ino
        self._feed = CatalogueFeed(store, catalogue) if catalogue else None
        self._writer = Writer(store, self._after_batch)
        self._service = Service(store, self._writer, self._feed, lawful)
        self._clients: dict[socket.socket, Thread] = {}
        self._mutex = Lock()
        self._stopping = False
        self._waker, self._woken = socket.socketpair()
        self._waker.setblocking(False)  # noqa: FBT003 - the library's own signature

    def run(self) -> None:
        """Serve until stopped, then close everything.

        Raises what stopped the store, a failed fsync above all: the process must end then.
        """
        try:
            self._serve(self._listener)
        finally:
            self._close()
        if self._writer.failed is not None:
            raise self._writer.failed

    def stop(self) -> None:
        """Let ``run`` return.  From any thread, and from a signal handler."""
        self._stopping = True
        with contextlib.suppress(OSError):  # full: it is being woken already; closed: it has ended
            self._waker.send(b"\0")

    def _serve(self, listener: socket.socket) -> None:
        idle_since = time.monotonic()
        with selectors.DefaultSelector() as selector:
            selector.register(listener, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while not self._stopping:
                selector.select(_TICK_S)
                self._accept_all(listener)
                if self._clients:
                    idle_since = time.monotonic()
                elif self._may_go(idle_since):
                    # Nobody can connect behind this line; who is in the queue is still served.
                    self._unlink()
                    self._accept_all(listener)
                    return

    def _may_go(self, idle_since: float) -> bool:
        return self._linger_s is not None and time.monotonic() - idle_since >= self._linger_s

    def _accept_all(self, listener: socket.socket) -> None:
        """Give every client that waits a thread, or word that there are too many."""
        for _ in range(_BACKLOG):
            try:
                client, _address = listener.accept()
            except BlockingIOError:
                return
            if len(self._clients) >= CLIENT_LIMIT:
                _turn_away(client)
            else:
                self._welcome(client)

    def _welcome(self, client: socket.socket) -> None:
        thread = Thread(target=self._attend, args=(client,), name="ledger-client", daemon=True)
        with self._mutex:
            self._clients[client] = thread
        thread.start()

    def _attend(self, client: socket.socket) -> None:
        try:
            Conversation(client, self._service, PATIENCE_S).run()
        finally:
            with self._mutex:
                self._clients.pop(client)

    def _after_batch(self) -> None:
        if self._feed is not None:
            self._feed.wake()
        if self._writer.failed is not None:
            self.stop()

    def _unlink(self) -> None:
        """Take our name away, and no other: a new home may stand where ours was removed."""
        with contextlib.suppress(OSError):  # gone; and the next process takes the name over anyhow
            if self._path.stat().st_ino == self._inode:
                self._path.unlink()

    def _close(self) -> None:
        """Answer what has been asked, take no more, and let go of everything."""
        self._unlink()
        self._listener.close()
        if self._feed is not None:
            self._feed.close()
        with self._mutex:
            clients = dict(self._clients)
        for client in clients:
            with contextlib.suppress(OSError):  # it is gone already
                client.shutdown(socket.SHUT_RD)
        deadline = time.monotonic() + CLOSING_S
        for thread in clients.values():
            thread.join(max(deadline - time.monotonic(), 0))
        self._writer.close()
        self._service.store.close()
        self._waker.close()
        self._woken.close()


def _listen(path: Path) -> socket.socket:
    """Return the listening socket; its directory must be there.

    A name that lies there belongs to a process that died: the writer's lock is ours.
    """
    listener = socket.socket(socket.AF_UNIX)
    try:
        with mapped(path):
            path.unlink(missing_ok=True)
            with socket_address(path) as address:
                listener.bind(address)
            path.chmod(_SOCKET_MODE)  # before listen: until then nobody gets in
            listener.listen(_BACKLOG)
            listener.setblocking(False)  # noqa: FBT003 - the library's own signature
    except BaseException:
        listener.close()
        raise
    return listener


def _turn_away(client: socket.socket) -> None:
    with client, contextlib.suppress(OSError):
        error = LedgerUnavailableError("ledger_crowded", limit=CLIENT_LIMIT)
        set_patience(client, sending_s=PATIENCE_S)
        send_frame(client, error_answer(error))
