"""The command line of keeping: each command by its name, and what it takes."""

import argparse
from datetime import timedelta

from appliance.parser_parts import Add, nothing
from appliance.words import Words
from evidence.keeping import REASONS, RELEASE_GROUNDS

GROUND_CHOICES = tuple(each.replace("_", "-") for each in RELEASE_GROUNDS)
WITHIN_LIMIT_DAYS = 3660


def within(text: str) -> timedelta:
    """Return how far ahead to look: a number of days, as ``30d``."""
    days = int(text.removesuffix("d"))
    if not 0 <= days <= WITHIN_LIMIT_DAYS:
        raise ValueError
    return timedelta(days=days)


def _index(text: str) -> int:
    value = int(text)
    if value < 0:
        raise ValueError
    return value


def _place(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("segments", nargs="*", metavar="SEGMENT", help=words("option.hold_segment"))
    wider = parser.add_mutually_exclusive_group()
    for name, sign in (
        ("case", "NUMBER"),
        ("officer", "PERSON"),
        ("recorder", "ID"),
        ("unit", "UNIT"),
    ):
        wider.add_argument(f"--{name}", metavar=sign, help=words(f"option.hold_{name}"))
    parser.add_argument("--from", dest="since", metavar="TIME", help=words("option.hold_from"))
    parser.add_argument("--until", metavar="TIME", help=words("option.hold_until"))
    parser.add_argument(
        "--reason", choices=REASONS, required=True, help=words("option.hold_reason")
    )
    told = words("option.hold_reference")
    parser.add_argument("--reference", metavar="TEXT", required=True, help=told)
    parser.add_argument("--words", default="", metavar="TEXT", help=words("option.hold_words"))
    parser.add_argument("--attach", metavar="FILE", help=words("option.hold_attach"))
    told = words("option.hold_answers")
    parser.add_argument("--answers", type=_index, metavar="ENTRY", help=told)


def _hold(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("hold", metavar="HOLD", help=words("option.the_hold"))


def _release(parser: argparse.ArgumentParser, words: Words) -> None:
    _hold(parser, words)
    parser.add_argument("--ground", choices=GROUND_CHOICES, help=words("option.hold_ground"))
    told = words("option.release_reference")
    parser.add_argument("--reference", metavar="TEXT", help=told)


def _refuse(parser: argparse.ArgumentParser, words: Words) -> None:
    _hold(parser, words)
    _reason(parser, words)


def _holds(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("--released", action="store_true", help=words("option.hold_released"))


def _resolve(parser: argparse.ArgumentParser, words: Words) -> None:
    told = words("option.hold_entry")
    parser.add_argument("entry", type=_index, metavar="ENTRY", help=told)
    _reason(parser, words)


def _reason(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("--reason", metavar="TEXT", required=True, help=words("option.why_reason"))


def _case(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("case", metavar="NUMBER", help=words("option.the_case"))


def _close(parser: argparse.ArgumentParser, words: Words) -> None:
    _case(parser, words)
    parser.add_argument("--on", metavar="DAY", required=True, help=words("option.case_on"))


def _attest(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("day", metavar="DAY", help=words("option.attest_day"))


def _retention(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("what", metavar="SEGMENT|due|blocked", help=words("option.retention_what"))
    parser.add_argument("--on", metavar="DAY", help=words("option.retention_on"))
    told = words("option.retention_within")
    parser.add_argument("--within", type=within, metavar="DAYS", help=told)
    parser.add_argument("--by", choices=("unit",), help=words("option.retention_by"))


def _pack(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("pack", metavar="NAME|FILE|ENTRY", help=words("option.policy_pack"))


def _file(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("file", metavar="FILE", help=words("option.policy_file"))


def _proposal(parser: argparse.ArgumentParser, words: Words) -> None:
    told = words("option.policy_entry")
    parser.add_argument("entry", type=_index, metavar="ENTRY", help=told)


COMMANDS: dict[str, Add] = {
    "hold place": _place,
    "hold release": _release,
    "hold refuse": _refuse,
    "hold list": _holds,
    "hold resolve": _resolve,
    "case close": _close,
    "case reopen": _case,
    "time attest": _attest,
    "retention": _retention,
    "policy list": nothing,
    "policy show": _pack,
    "policy check": _file,
    "policy propose": _file,
    "policy adopt": _proposal,
    "policy withdraw": _proposal,
    "policy simulate": _file,
}
