"""Who sits at this command line: a person who has signed in, or nobody in an open home.

The token of the session lies in a file that only its user can read: below ``XDG_RUNTIME_DIR``,
which goes away with the login, else in the home's own ``run``.
"""

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from appliance.call import Call
from custody.entrance import Entrance
from custody.register import founded, read_register
from custody.sessions import resume
from evidence.errors import ConflictError, NotSignedInError, VaultUnavailableError
from evidence.people import Actor

LOCAL = Actor("sys:local")  # of an open home, where everything is allowed and nothing leaves
TOKEN_LIMIT_BYTES = 256
_MODE = 0o600
_FOLDER_MODE = 0o700


def actor(call: Call) -> Actor:
    """Return who acts; raises ``NotSignedInError`` where people are set up and nobody signed in."""
    if not founded(call.services.desk.ledger):
        return LOCAL
    return resume(entrance(call), token_of(call) or "").actor


def somebody(call: Call) -> Actor:
    """Return who acts where only a person can; raises ``ConflictError`` in an open home."""
    who = actor(call)
    if who == LOCAL:
        raise ConflictError("nobody_set_up")
    return who


def entrance(call: Call) -> Entrance:
    """Return what signing in is done with, with the organisation as it is now."""
    desk = call.services.desk
    return Entrance(desk, call.services.accounts, read_register(desk.ledger))


def token_of(call: Call) -> str | None:
    """Return the token of the session of this user, or None."""
    file = _file(call)
    try:
        with file.open("rb") as opened:
            status = os.fstat(opened.fileno())
            text = opened.read(TOKEN_LIMIT_BYTES).decode("ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    except OSError as error:
        raise VaultUnavailableError("file_unreadable", path=file) from error
    if status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise NotSignedInError("token_exposed", path=file)
    return text


def keep_token(call: Call, token: str) -> None:
    """Keep the token of a session that has just begun, in the place of the one before."""
    file = _file(call)
    try:
        file.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        forget_token(call)
        made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _MODE)
        try:
            os.write(made, token.encode("ascii") + b"\n")
        finally:
            os.close(made)
    except OSError as error:
        raise VaultUnavailableError("file_unwritable", path=file) from error


def forget_token(call: Call) -> None:
    """Remove the token of this user; nothing where there is none."""
    with suppress(FileNotFoundError):
        _file(call).unlink()


def _file(call: Call) -> Path:
    home = call.settings.home
    name = hashlib.sha256(str(home.path).encode()).hexdigest()[:16]
    folder = call.environment.get("XDG_RUNTIME_DIR", "")
    if folder.startswith("/"):  # relative ones are invalid by the specification
        return Path(folder) / "dockseal" / f"{name}.session"
    return home.run / f"cli-{os.getuid()}.session"
