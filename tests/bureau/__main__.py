"""``python -m tests.bureau --seed N``: one random history again, act by act."""

import argparse
import sys

from tests.bureau.histories import ground, live


def main():
    """Live what was asked for; end with 1 where product and model disagree."""
    parser = argparse.ArgumentParser(prog="python -m tests.bureau", description=__doc__)
    parser.add_argument("--seed", type=int, required=True, help="which history")
    asked = parser.parse_args()
    with ground() as homes:
        counts = live(homes, asked.seed, tell=print)
    print(*(f"{name} {count}" for name, count in sorted(counts.items())), sep=", ")  # noqa: T201 - it is what was asked for
    return 0


if __name__ == "__main__":
    sys.exit(main())
