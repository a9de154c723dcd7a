"""One request at a time, in lines that end as they should: what the server takes from a socket.

The parser (h11) forgives a bare LF, and a header that goes on in the next line, and reads what
came behind a request as the next one.  Each of these can be read in two ways, which is how requests
are smuggled.  No browser does any of it, so nothing is forgiven.
"""

import logging
import re
from typing import Final

from uvicorn.protocols.http.h11_impl import H11Protocol

from appliance.words import printable

ODD: Final = re.compile(rb"(?<!\r)\n|\r[^\n]|\r\n[ \t]")  # bare LF, bare CR, a folded line
HEAD_LIMIT_BYTES: Final = 16 * 1024  # the parser's own limit is for heads that are not whole yet
_END: Final = b"\r\n\r\n"


class OneAtATime(H11Protocol):
    """Answers one request, and reads the next one only when it comes after the answer."""

    _head: bytes | None = b""  # of the request that is read (the parser limits it); None: its body

    def data_received(self, data: bytes) -> None:
        """Take what came; a head that is odd or too long is refused, and the connection closed."""
        if self._head is not None:
            head, end, _ = (self._head + data).partition(_END)
            self._head = None if end else head
            if len(head) > HEAD_LIMIT_BYTES or ODD.search(head + end):
                self.send_400_response("Invalid HTTP request received.")
                return
        super().data_received(data)

    def on_response_complete(self) -> None:
        """Close where something came behind the request before it was answered."""
        if self.conn.trailing_data[0] and not self.transport.is_closing():
            self.transport.close()
        self._head = b""
        super().on_response_complete()


class OneLine(logging.Formatter):
    """A record as one line; a traceback indented below it.

    What an exception says may hold what somebody sent: no line of theirs looks like one of ours,
    and no sign of theirs steers a terminal.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the record; every line but the first begins with two spaces."""
        first, *rest = super().format(record).split("\n")
        return "\n  ".join(printable(each) for each in (first, *rest))


def log_to_stderr() -> None:
    """Let the server's own complaints go to standard error, each as one line."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine("%(asctime)s %(levelname)s %(message)s"))
    server = logging.getLogger("uvicorn")
    server.handlers[:] = [handler]
    server.propagate = False
