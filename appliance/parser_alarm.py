"""The command line of alarms."""

import argparse

from appliance.parser_parts import Add
from appliance.words import Words
from evidence.keeping import ALARM_ANSWERS

ANSWER_CHOICES = tuple(each.replace("_", "-") for each in ALARM_ANSWERS)


def index(text: str) -> int:
    """Return the index of an entry."""
    value = int(text)
    if value < 0:
        raise ValueError
    return value


def _list(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("--all", action="store_true", help=words("option.alarms_all"))


def _acknowledge(parser: argparse.ArgumentParser, words: Words) -> None:
    told = words("option.alarm_entry")
    parser.add_argument("entry", type=index, metavar="ENTRY", help=told)
    told = words("option.alarm_answer")
    parser.add_argument("--answer", choices=ANSWER_CHOICES, required=True, help=told)
    parser.add_argument("--words", default="", metavar="TEXT", help=words("option.alarm_words"))


def _send(parser: argparse.ArgumentParser, words: Words) -> None:
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--test", action="store_true", help=words("option.alarms_test"))
    how.add_argument("--follow", action="store_true", help=words("option.alarms_follow"))


COMMANDS: dict[str, Add] = {
    "alarms list": _list,
    "alarms acknowledge": _acknowledge,
    "alarms send": _send,
}
