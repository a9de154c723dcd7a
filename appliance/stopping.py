"""Being told to stop, for a command that runs until then.

An exception out of a signal handler can come up inside a finaliser or a callback, where Python
prints and forgets it: whoever pressed Ctrl-C would wait for ever.  So the handler only sets a flag,
and no lock of ``threading`` is in it: the handler may run while this thread holds that lock.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Whether we were told to stop."""

    def __init__(self) -> None:
        self.told = False

    def tell(self, *_: object) -> None:
        """Take note of it; also a signal handler."""
        self.told = True


@contextmanager
def stopping() -> Iterator[Stop]:
    """Yield what SIGINT and SIGTERM tell; what they did before holds again afterwards."""
    stop = Stop()
    before = {number: signal.signal(number, stop.tell) for number in _SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
