"""Where this machine's own monitoring asks: nothing that others could reach."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from evidence.errors import UsageError

PORT_LIMIT: Final = 65_535
UNIX: Final = "unix:"
_PORT: Final = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where to listen: a path, or an address of this machine itself and a port (0: any)."""

    path: Path | None = None
    address: str = ""
    port: int = 0


def place_of(text: str) -> Place:
    """Return where ``127.0.0.1:9464``, ``[::1]:9464`` or ``unix:PATH`` is.

    Raises ``UsageError`` (``metrics_not_local``) for anything that others could reach; a name may
    mean any address.
    """
    if text.startswith(UNIX) and Path(text.removeprefix(UNIX)).is_absolute():
        return Place(path=Path(text.removeprefix(UNIX)))
    address, _, port = text.rpartition(":")
    bare = address.removeprefix("[").removesuffix("]")
    try:
        local = ip_address(bare).is_loopback and _PORT.fullmatch(port) is not None
    except ValueError:
        local = False
    if not local or int(port) > PORT_LIMIT:
        raise UsageError("metrics_not_local", listen=text)
    return Place(address=bare, port=int(port))
