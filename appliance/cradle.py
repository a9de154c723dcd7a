"""The cradle: ``python -m appliance.cradle``.  It holds the code of the parsers and forks them.

Sixteen parsers that each load the same libraries need sixteen times their memory; forked from one
process they share it.  The cradle itself never reads a hostile byte: it takes orders from slots
over one inherited socket (standard input), and what it forks closes its fence before it parses.  A
child that was taken over cannot come back here: it has its own channel and nothing else.

An order is one datagram, JSON {"target", "bounds"}, with two descriptors: the child's channel
(``appliance/frames.py``) and a control socket.  A slot that closes the control socket, or dies, has
its child killed; when the child has ended, its exit code (``frames.CODE``) goes back over it.

The cradle ends when the last holder of the other end of its standard input has gone.
"""

import gc
import json
import os
import select
import signal
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from appliance import frames
from appliance.lean import let_go_of_start
from appliance.parser_child import load, run_child

ORDER_LIMIT_BYTES: Final = 4 * 1024
ORDER_DESCRIPTORS: Final = 2


@dataclass(slots=True)
class _Born:
    """A child that lives: it is ours to wait for, so its number cannot become another's."""

    pid: int
    ended: int  # pidfd, readable when it has ended
    control: socket.socket
    killed: bool = False


@dataclass(slots=True)
class Cradle:
    """Answers orders, one after the other, until nobody is left to give one."""

    orders: socket.socket
    poll: select.poll = field(default_factory=select.poll)
    born: dict[int, _Born] = field(default_factory=dict)  # by pidfd and by descriptor of control
    loaded: set[str] = field(default_factory=set)

    def run(self) -> None:
        """Serve until the other end of the orders is closed everywhere."""
        self.poll.register(self.orders, select.POLLIN)
        while True:
            for descriptor, _ in self.poll.poll():
                if descriptor != self.orders.fileno():
                    self._look_after(descriptor)
                elif not self._take_order():
                    return

    def _take_order(self) -> bool:
        """Fork what is ordered; return whether there was anybody to order."""
        order, passed, _, _ = socket.recv_fds(self.orders, ORDER_LIMIT_BYTES, ORDER_DESCRIPTORS)
        if not order:
            return False
        if len(passed) != ORDER_DESCRIPTORS:
            for descriptor in passed:
                os.close(descriptor)
            return True
        channel, control = passed
        given = json.loads(order)
        self._load(given["target"])
        pid = os.fork()
        if pid == 0:
            _become_child(given, channel)
        os.close(channel)
        self._adopt(pid, socket.socket(fileno=control))
        return True

    def _load(self, target: str) -> None:
        """Import what the child will need; where that fails, the child fails too and says so."""
        if target in self.loaded:
            return
        with suppress(Exception):
            load(target)
        self.loaded.add(target)
        gc.collect()
        let_go_of_start()
        gc.freeze()  # a collection in a child must not write to pages that all share

    def _adopt(self, pid: int, control: socket.socket) -> None:
        child = _Born(pid, os.pidfd_open(pid), control)
        for descriptor in (child.ended, control.fileno()):
            self.born[descriptor] = child
            self.poll.register(descriptor, select.POLLIN)

    def _look_after(self, descriptor: int) -> None:
        child = self.born.get(descriptor)
        if child is None:
            return  # buried a moment ago, in this same round
        if descriptor == child.ended:
            self._bury(child)
        elif not child.killed:
            child.killed = True
            self.poll.unregister(descriptor)
            os.kill(child.pid, signal.SIGKILL)

    def _bury(self, child: _Born) -> None:
        code = os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1])
        for descriptor in (child.ended, child.control.fileno()):
            del self.born[descriptor]
            with suppress(KeyError):  # that of a killed one is no longer listened to
                self.poll.unregister(descriptor)
        with suppress(OSError):  # its slot may be gone
            child.control.send(frames.CODE.pack(code))
        child.control.close()
        os.close(child.ended)


def _become_child(given: dict[str, object], channel: int) -> None:
    """Be the ordered child, with the channel for standard input and nothing of the cradle's."""
    code = 1
    try:
        os.setsid()
        os.dup2(channel, frames.CHANNEL)
        code = run_child(str(given["target"]), str(given["bounds"]), forked=True)
    finally:
        os._exit(code)


def main() -> None:
    """Serve the orders that come over standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for those who give orders
    orders = socket.socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.close(null)
    Cradle(orders).run()


if __name__ == "__main__":
    main()
