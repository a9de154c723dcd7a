"""Histories and the year once more, to look at.

``python -m tests.bureau --seed N``: one random history again, act by act.
``python -m tests.bureau year [--officers N] [--seed N]``: a year of a bureau, and its picture.
"""

import argparse
import logging
import sys

from tests.bureau.histories import ground, live
from tests.bureau.year import live_year, picture


def main():
    """Live what was asked for; it raises where product and model disagree."""
    parser = argparse.ArgumentParser(prog="python -m tests.bureau", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("history", "year"), default="history")
    parser.add_argument("--seed", type=int, default=1, help="which one: each is always the same")
    parser.add_argument("--officers", type=int, default=40, help="of the year")
    asked = parser.parse_args()
    logging.disable()  # what breaks is planted
    with ground() as homes:
        if asked.what == "year":
            year = live_year(homes, asked.officers, seed=asked.seed)
            counts = year.counts
            show("\n".join(picture(year)))
        else:
            counts = live(homes, asked.seed, tell=show)
    show(", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
    return 0


def show(line):
    """Print: it is what was asked for."""
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
