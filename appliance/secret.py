"""A secret in a file: read only where nobody else can have read it."""

import os
import stat

SECRET_LIMIT_BYTES = 4096


class SecretError(Exception):
    """The word says why: ``secret_unreadable``, ``secret_exposed``, ``secret_empty``."""


def read_secret(path: str) -> bytes:
    """Return the first line of a file of ours or of root's that only its owner can read.

    The open file is asked, not its name; a pipe or a device in its place never makes us wait.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            _check(os.fstat(descriptor))
            text = os.read(descriptor, SECRET_LIMIT_BYTES)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise SecretError("secret_unreadable") from error
    secret = text.partition(b"\n")[0].rstrip(b"\r")
    if not secret:
        raise SecretError("secret_empty")
    return secret


def _check(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise SecretError("secret_unreadable")
    if status.st_uid not in {os.getuid(), 0} or status.st_mode & 0o077:
        raise SecretError("secret_exposed")
