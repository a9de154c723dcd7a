"""Where the details of our own faults go: a log in the home, never a person's screen."""

import os
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from appliance.home import Home
from appliance.words import printable

LOG_LIMIT_BYTES = 1024 * 1024  # then the log begins anew: faults must not fill the disk


def write_fault(home: Home, error: BaseException) -> Path | None:
    """Append the traceback of ``error``; return the log, or None where it cannot be written."""
    told = "".join(traceback.format_exception(error)).split("\n")
    text = "\n".join("  " + printable(line) for line in told)  # no line of theirs is one of ours
    moment = datetime.now(UTC).isoformat(timespec="milliseconds")
    try:
        with open_log(home) as log:
            log.write(f"{moment}\n{text}\n".encode())
    except OSError:
        return None  # the disk may be the fault itself; the sentence is told all the same
    return home.log


def open_log(home: Home) -> IO[bytes]:
    """Return the log of the home for appending; what children write to standard error goes there.

    Readable by its owner only: it may show paths and names.  Raises ``OSError``.
    """
    home.path.mkdir(parents=True, exist_ok=True)
    full = home.log.exists() and home.log.stat().st_size > LOG_LIMIT_BYTES
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | (os.O_TRUNC if full else 0)
    return os.fdopen(os.open(home.log, flags | os.O_CLOEXEC, 0o600), "wb")
