"""The command line of weeks: each command by its name, and what it takes."""

import argparse

from appliance.parser_parts import Add, count
from appliance.words import Words


def _show(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("unit", nargs="?", metavar="UNIT", help=words("option.week_unit"))
    parser.add_argument("week", nargs="?", metavar="WEEK", help=words("option.week"))


def _list(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("unit", nargs="?", metavar="UNIT", help=words("option.week_unit"))
    told = words("option.weeks_back")
    parser.add_argument("--weeks", type=count, default=8, metavar="N", help=told)


def _close(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("unit", metavar="UNIT", help=words("option.week_unit"))
    parser.add_argument("week", nargs="?", metavar="WEEK", help=words("option.week_last"))
    parser.add_argument("--sheet", metavar="FILE", help=words("option.week_sheet"))


def _sheet(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("unit", metavar="UNIT", help=words("option.week_unit"))
    parser.add_argument("week", metavar="WEEK", help=words("option.week"))
    parser.add_argument("file", metavar="FILE", help=words("option.week_sheet"))


COMMANDS: dict[str, Add] = {
    "week show": _show,
    "week list": _list,
    "week close": _close,
    "week sheet": _sheet,
}
