"""The command line of the keeper's round, of room, and of who watches the machine."""

import argparse

from appliance.parser_parts import Add, nothing
from appliance.words import Words


def _metrics(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("--listen", metavar="PLACE", help=words("option.metrics_listen"))
    parser.add_argument("--once", action="store_true", help=words("option.metrics_once"))


COMMANDS: dict[str, Add] = {
    "tend": nothing,
    "space": nothing,
    "ready": nothing,
    "metrics": _metrics,
}
