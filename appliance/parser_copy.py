"""The command line of copies: each command by its name, and what it takes."""

import argparse

from appliance.parser_parts import Add, count, nothing
from appliance.words import Words
from custody.accesslog import GROUPS


def _copy(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("grant", metavar="GRANT", help=words("option.grant"))
    parser.add_argument("folder", metavar="DIR", help=words("option.copy_folder"))
    told = words("option.copy_span")
    parser.add_argument("--span", action="append", default=[], metavar="SPAN", help=told)


def _looks(parser: argparse.ArgumentParser, words: Words) -> None:
    told = words("option.looks_segment")
    parser.add_argument("segment", nargs="*", metavar="SEGMENT", help=told)
    _period(parser, words)


def _access_log(parser: argparse.ArgumentParser, words: Words) -> None:
    told = words("option.log_kind")
    parser.add_argument(
        "--kind", action="append", default=[], choices=tuple(GROUPS), dest="groups", help=told
    )
    parser.add_argument("--person", metavar="PERSON", help=words("option.log_person"))
    parser.add_argument("--segment", metavar="SEGMENT", help=words("option.log_segment"))
    parser.add_argument("--about", metavar="ID", help=words("option.log_about"))
    _period(parser, words)
    parser.add_argument("--limit", type=count, default=50, metavar="N", help=words("option.limit"))
    parser.add_argument("--before", type=_index, metavar="ENTRY", help=words("option.log_before"))


def _period(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("--since", metavar="TIME", help=words("option.log_since"))
    parser.add_argument("--until", metavar="TIME", help=words("option.log_until"))


def _index(text: str) -> int:
    value = int(text)
    if value < 0:
        raise ValueError
    return value


COMMANDS: dict[str, Add] = {
    "copy": _copy,
    "looks": _looks,
    "access-log": _access_log,
    "serve": nothing,
}
