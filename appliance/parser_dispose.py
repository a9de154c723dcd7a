"""The command line of disposal: each command by its name, and what it takes."""

import argparse

from appliance.parser_parts import Add
from appliance.words import Words


def _propose(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument(
        "segments", nargs="*", metavar="SEGMENT", help=words("option.dispose_segment")
    )
    parser.add_argument("--due", action="store_true", help=words("option.dispose_due"))
    _reason(parser, words)


def _one(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("disposal", metavar="DISPOSAL", help=words("option.the_disposal"))
    _reason(parser, words)


def _approve(parser: argparse.ArgumentParser, words: Words) -> None:
    _one(parser, words)
    parser.add_argument("--key", metavar="FILE", help=words("option.key"))


def _reason(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("--reason", metavar="TEXT", required=True, help=words("option.why_reason"))


def _run(parser: argparse.ArgumentParser, words: Words) -> None:
    told = words("option.run_disposal")
    parser.add_argument("disposal", nargs="?", metavar="DISPOSAL", help=told)


def _list(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("--all", action="store_true", help=words("option.dispose_all"))


def _disposed(parser: argparse.ArgumentParser, words: Words) -> None:
    told = words("option.disposed_segment")
    parser.add_argument("segment", metavar="SEGMENT", help=told)


COMMANDS: dict[str, Add] = {
    "dispose propose": _propose,
    "dispose approve": _approve,
    "dispose undo": _one,
    "dispose run": _run,
    "dispose list": _list,
    "disposed": _disposed,
}
