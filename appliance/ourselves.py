"""How a process of ours starts another one."""

import sys


def our_module(module: str, *arguments: str) -> list[str]:
    """Return the command line that runs a module of ours.

    ``-P`` and ``-s``: not the working directory and not the user's own packages.  Who docks stands
    in any folder, perhaps that of the card: a ``select.py`` there is evidence, never our code.
    """
    return [sys.executable, "-s", "-P", "-m", module, *arguments]
