"""How far a long command has come: one line that rewrites itself, or a line now and then."""

import time
from types import TracebackType
from typing import Self

from appliance.output import Terminal
from appliance.words import Words

LIVE_EVERY_S = 0.2  # a terminal
PLAIN_EVERY_S = 10.0  # a log


class Progress:
    """Calls as a ``Tell``: done, of.  Writes to standard error, and nothing when quiet."""

    def __init__(self, terminal: Terminal, words: Words, key: str) -> None:
        self._terminal = terminal
        self._words = words
        self._key = key
        self._live = terminal.err.isatty()
        self._next = time.monotonic() + (0 if self._live else PLAIN_EVERY_S)
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __call__(self, done: int, of: int) -> None:
        """Show it, unless it was shown a moment ago."""
        now = time.monotonic()
        if self._terminal.quiet or now < self._next:
            return
        self._next = now + (LIVE_EVERY_S if self._live else PLAIN_EVERY_S)
        percent = 100 * done // of if of else 100
        line = self._words(self._key, done=done, of=of, percent=percent)
        self._terminal.err.write(f"\r\x1b[K{line}" if self._live else f"{line}\n")
        self._terminal.err.flush()
        self._shown = self._live

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown:
            self._terminal.err.write("\r\x1b[K")
            self._terminal.err.flush()
