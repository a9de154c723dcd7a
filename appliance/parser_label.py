"""The command line of labels and gaps: each command by its name, and what it takes."""

import argparse

from appliance.parser_parts import Add, nothing
from appliance.words import Words
from custody.gaps import REASONS
from custody.labels import NO_CASE, SENSITIVITIES

# As people type them; the entries have an underscore.
NO_CASE_CHOICES = tuple(each.replace("_", "-") for each in NO_CASE)
SENSITIVITY_CHOICES = tuple(each.replace("_", "-") for each in SENSITIVITIES)
_TEXTS = ("item", "step", "cause", "party", "case", "place", "words")


def _label(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("segments", nargs="*", metavar="SEGMENT", help=words("option.segment"))
    wider = parser.add_mutually_exclusive_group()
    wider.add_argument("--docking", metavar="ID", help=words("option.label_docking"))
    wider.add_argument("--recording", metavar="SEGMENT", help=words("option.label_recording"))
    parser.add_argument(
        "--officer", action="append", default=[], metavar="PERSON",
        help=words("option.label_officer"),
    )  # fmt: skip
    for name in _TEXTS:
        sentence = words(f"option.label_{name}")
        parser.add_argument(f"--{name}", metavar=name.upper(), help=sentence)
    parser.add_argument("--no-case", choices=NO_CASE_CHOICES, help=words("option.label_no_case"))
    parser.add_argument(
        "--sensitivity", choices=SENSITIVITY_CHOICES, default="none",
        help=words("option.label_sensitivity"),
    )  # fmt: skip


def add_filters(parser: argparse.ArgumentParser, words: Words) -> None:
    """Add what ``list`` asks of labels."""
    for name in ("person", "item", "case", "cause", "party", "words"):
        sentence = words(f"option.list_{name}")
        parser.add_argument(f"--{name}", metavar=name.upper(), help=sentence)
    parser.add_argument("--no-case", choices=NO_CASE_CHOICES, help=words("option.list_no_case"))
    parser.add_argument("--unlabelled", action="store_true", help=words("option.list_unlabelled"))


def _item(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("item", metavar="ITEM", help=words("option.the_item"))


def _mine(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("--person", metavar="PERSON", help=words("option.mine_person"))
    parser.add_argument("--since", metavar="TIME", help=words("option.mine_since"))


def _gaps(parser: argparse.ArgumentParser, words: Words) -> None:
    _mine(parser, words)
    parser.add_argument("--docking", metavar="ID", help=words("option.docking"))
    parser.add_argument("--all", action="store_true", help=words("option.gaps_all"))


def _gap(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("gap", metavar="GAP", help=words("option.the_gap"))
    parser.add_argument("--words", default="", metavar="WORDS", help=words("option.gap_words"))


def _explain(parser: argparse.ArgumentParser, words: Words) -> None:
    _gap(parser, words)
    sentence = words("option.gap_reason")
    parser.add_argument("--reason", choices=REASONS, required=True, help=sentence)
    parser.add_argument("--spoken", action="store_true", help=words("option.gap_spoken"))


COMMANDS: dict[str, Add] = {
    "label": _label,
    "items list": nothing,
    "items show": _item,
    "items adopt": nothing,
    "unlabelled": _mine,
    "gaps": _gaps,
    "gap explain": _explain,
    "gap accept": _gap,
    "gap return": _gap,
}
