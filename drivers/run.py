"""Runs one of the system's own tools, with a deadline and an empty environment."""

import os
import subprocess

from evidence.errors import EraseError

DEADLINE_S = 120.0


def run(command: list[str], **environment: str) -> str:
    """Return what the tool printed.

    Raises ``EraseError("erase_tool")`` with the tool's name and its exit code.  What it said is
    not kept: it holds file names, and those are personal data.
    """
    # mtools reads names by the locale; nothing else of the caller's environment reaches a tool.
    given = {"PATH": os.defpath + ":/usr/sbin:/sbin", "LC_ALL": "C.UTF-8", **environment}
    try:
        done = subprocess.run(
            command,
            env=given,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=DEADLINE_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise EraseError("erase_tool", tool=command[0], code="deadline") from error
    except OSError as error:
        raise EraseError("erase_tool", tool=command[0], code="start") from error
    if done.returncode:
        raise EraseError("erase_tool", tool=command[0], code=done.returncode)
    return done.stdout
