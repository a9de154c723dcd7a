"""How parser children come into the world: forked from the cradle that the slots share, or alone.

The cradle saves memory and start-up time, no more: where there is none, or it has died, a child is
started alone and does the same.
"""

import json
import os
import signal
import socket
import subprocess
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Protocol

from appliance.frames import CODE, Bounds
from appliance.ourselves import our_module

# One thread each: a library that starts threads at import would have to be fenced thread by thread.
SINGLE_THREADED: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
REAP_LIMIT_S: Final = 5.0
CHANNEL_MODULE: Final = "appliance.parser_child"
CRADLE_MODULE: Final = "appliance.cradle"


class Life(Protocol):
    """A parser child as a process."""

    def end(self) -> None:
        """Kill it and let go of it.  Never raises; a second time does nothing."""
        ...

    def code(self, patience_s: float) -> int | None:
        """Return how it ended, negative for a signal; None where it has not, or nobody knows."""
        ...


def bear(target: str, bounds: Bounds, channel: socket.socket, cradle: int | None) -> Life:
    """Start the child of ``target`` with ``channel``; ``cradle``: descriptor of its orders.

    Raises ``OSError`` where the system starts no process.
    """
    text = json.dumps(asdict(bounds))
    if cradle is not None:
        with suppress(OSError):  # it has died, or has more orders than it can hear: alone, then
            return _Forked(target, text, channel, cradle)
    return _Alone(target, text, channel)


class _Alone:
    """A process of our own, in a session of its own."""

    def __init__(self, target: str, bounds: str, channel: socket.socket) -> None:
        self._process = _python(CHANNEL_MODULE, target, bounds, stdin=channel)

    def end(self) -> None:
        """See ``Life``; whatever it may have started ends with it."""
        with suppress(OSError):  # it is gone already; its number is ours until it is waited for
            os.killpg(self._process.pid, signal.SIGKILL)
        self.code(REAP_LIMIT_S)

    def code(self, patience_s: float) -> int | None:
        """See ``Life``."""
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(patience_s)
        return None


class _Forked:
    """A child of the cradle, held by a control socket (``appliance/cradle.py``)."""

    def __init__(self, target: str, bounds: str, channel: socket.socket, cradle: int) -> None:
        order = json.dumps({"target": target, "bounds": bounds}).encode()
        self._code: int | None = None
        self._control, theirs = socket.socketpair()
        with theirs, socket.socket(fileno=os.dup(cradle)) as orders:
            try:
                passed = [channel.fileno(), theirs.fileno()]
                # Never wait: all slots share this socket, and its mode with it.
                socket.send_fds(orders, [order], passed, socket.MSG_DONTWAIT)
            except BaseException:
                self._control.close()
                raise

    def end(self) -> None:
        """See ``Life``."""
        with suppress(OSError):  # closed already, or the cradle is gone and its child with it
            self._control.shutdown(socket.SHUT_WR)
        self.code(REAP_LIMIT_S)
        self._control.close()

    def code(self, patience_s: float) -> int | None:
        """See ``Life``."""
        with suppress(OSError):
            self._control.settimeout(patience_s)
            told = self._control.recv(CODE.size)
            if len(told) == CODE.size:
                self._code = CODE.unpack(told)[0]
        return self._code


@dataclass(slots=True)
class CradleKeeper:
    """Keeps one cradle for all slots of a command; started when the first one asks."""

    _process: "subprocess.Popen[bytes] | None" = None
    _orders: socket.socket | None = None

    def descriptor(self) -> int | None:
        """Return the descriptor that a slot inherits; None where no cradle can be started."""
        if self._process is not None and self._process.poll() is not None:
            self.close()  # it has died: those at work start alone, the next ones share again
        if self._orders is None:
            with suppress(OSError):
                self._start()
        return self._orders.fileno() if self._orders else None

    def close(self) -> None:
        """Let go of the cradle, which ends when the last slot has.  Never raises."""
        if self._orders:
            self._orders.close()
        if self._process:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(REAP_LIMIT_S)
        self._process = self._orders = None

    def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                self._process = _python(CRADLE_MODULE, stdin=theirs)
            except BaseException:
                ours.close()
                raise
        self._orders = ours


def _python(module: str, *arguments: str, stdin: socket.socket) -> "subprocess.Popen[bytes]":
    """Start a module of this house with nothing but its code: no directory, nearly no variable."""
    house = Path(__file__).resolve().parent.parent  # the child runs the same code as its parent
    return subprocess.Popen(
        our_module(module, *arguments),
        stdin=stdin.fileno(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={"PYTHONPATH": str(house), "LC_ALL": "C.UTF-8", **SINGLE_THREADED},
        start_new_session=True,
    )
