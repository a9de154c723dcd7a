"""What the groups of commands share to say their arguments."""

import argparse
from collections.abc import Callable

from appliance.words import Words

Add = Callable[[argparse.ArgumentParser, Words], None]
PAGE_LIMIT = 1000  # rows of one list


def nothing(parser: argparse.ArgumentParser, words: Words) -> None:
    """Add no argument."""
    del parser, words


def count(text: str) -> int:
    """Return a number of rows, 1 to ``PAGE_LIMIT``."""
    value = int(text)
    if not 1 <= value <= PAGE_LIMIT:
        raise ValueError
    return value
