"""The command line: what can be asked, explained in the reader's language."""

import argparse
import re
from typing import NoReturn

from appliance import (
    parser_alarm,
    parser_ask,
    parser_copy,
    parser_dispose,
    parser_keep,
    parser_label,
    parser_people,
    parser_tend,
    parser_week,
)
from appliance.output import wrapped
from appliance.parser_parts import Add, count, nothing
from appliance.words import LANGUAGES, Words
from evidence.errors import UsageError

AFTER_CHOICES = ("keep", "confirm", "erase")
LEVELS = ("presence", "size", "digest", "slices")
VALUED = frozenset({"--home", "--config", "--lang"})  # options before a command that take a value
LONE = {"week": "show", "alarms": "list"}  # what a group does whose action is not named
KINDS = ("video", "audio", "photo", "log", "unknown", "empty")


def spelled_out(arguments: list[str]) -> list[str]:
    """Return the arguments with the action of a group that was named alone, as ``LONE`` has it."""
    place = 0
    while place < len(arguments) and arguments[place].startswith("-"):
        place += 2 if arguments[place] in VALUED else 1
    group, action = (*arguments[place : place + 2], "", "")[:2]
    named = {name.partition(" ")[2] for name in COMMANDS if name.startswith(f"{group} ")}
    if group not in LONE or action in {*named, "-h", "--help"}:
        return arguments
    return [*arguments[: place + 1], LONE[group], *arguments[place + 1 :]]


class Explained(Exception):  # noqa: N818 - not an error: the person asked for help
    """A help text or the version was asked for; carries it."""


def parse_arguments(arguments: list[str], words: Words, version: str) -> argparse.Namespace:
    """Return what the command line says; ``command`` is a name of ``COMMANDS``.

    Raises ``UsageError`` with the parser's complaint, ``Explained`` for --help and --version.
    """
    parser = _Parser(words, prog="dockseal", description=words("help.about"))
    _add_globals(parser, words, default=None)
    parser.add_argument("--version", action=_Version, const=version, help=words("option.version"))
    parser.epilog = words("help.epilog")
    _add_commands(parser, words)
    return parser.parse_args(spelled_out(arguments))


def first_look(arguments: list[str]) -> argparse.Namespace:
    """Return the global options alone, before there are words to complain with; never raises."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    for name in ("--home", "--config", "--lang"):
        parser.add_argument(name)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quiet", action="store_true")
    known = argparse.Namespace(home=None, config=None, lang=None, json=False, quiet=False)
    try:
        parser.parse_known_args(arguments, known)
    except argparse.ArgumentError:
        known.lang = None  # an option without its value: the full parser complains of it
    if known.lang not in LANGUAGES:
        known.lang = None
    return known


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Breaks lines by the columns they take: Chinese signs are two wide and break anywhere."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrapped(text, width)


class _Parser(argparse.ArgumentParser):
    """Speaks our words, and raises instead of ending the process."""

    def __init__(
        self,
        words: Words,
        prog: str | None = None,
        description: str | None = None,
        epilog: str | None = None,
    ) -> None:
        self.words = words
        super().__init__(
            prog=prog,
            description=description,
            epilog=epilog,
            add_help=False,
            allow_abbrev=False,
            formatter_class=_Formatter,
        )
        self._positionals.title = words("usage.arguments")
        self._optionals.title = words("usage.options")
        self.add_argument("-h", "--help", action=_Help, nargs=0, help=words("option.help"))

    def format_help(self) -> str:
        """Return the help with our word for "usage"."""
        return super().format_help().replace("usage: ", self.words("usage.usage") + " ", 1)

    def error(self, message: str) -> NoReturn:
        """Raise the complaint under our own word for it."""
        see = f"{self.prog} --help"
        for pattern, word in COMPLAINTS:
            match = re.fullmatch(pattern, message, re.DOTALL)
            if match:
                raise UsageError(word, see=see, **match.groupdict())
        raise UsageError("usage_other", see=see, message=message)


# What argparse says, and the word under which the catalogue says it.
COMPLAINTS = (
    (r"the following arguments are required: (?P<names>.*)", "usage_missing"),
    (r"unrecognized arguments: (?P<names>.*)", "usage_unknown"),
    (r"argument (?P<name>.*): invalid choice: (?P<value>.*) \(choose from (?P<known>.*)\)",
     "usage_choice"),
    (r"argument (?P<name>.*): not allowed with argument (?P<other>.*)", "usage_not_with"),
    (r"argument (?P<name>.*): expected .*", "usage_value"),
    (r"argument (?P<name>.*): invalid .*value: (?P<value>.*)", "usage_wrong_value"),
    (r"argument (?P<name>.*): ignored explicit argument (?P<value>.*)", "usage_wrong_value"),
)  # fmt: skip


class _Help(argparse.Action):
    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> NoReturn:
        del namespace, values, option_string
        raise Explained(parser.format_help())


class _Version(argparse.Action):
    def __init__(
        self,
        option_strings: list[str],
        dest: str,
        const: str,
        help: str,  # noqa: A002 - argparse's
    ) -> None:
        super().__init__(option_strings, dest, nargs=0, const=const, help=help)

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> NoReturn:
        del parser, namespace, values, option_string
        raise Explained(f"dockseal {self.const}\n")


def _add_globals(parser: argparse.ArgumentParser, words: Words, default: str | None) -> None:
    """Add the options that may stand before or after the command.

    Behind the command they are left out of the namespace unless given, so that they do not undo
    what stands before it.
    """
    for name, sign in (("home", "DIR"), ("config", "FILE")):
        parser.add_argument(
            f"--{name}", metavar=sign, default=default, help=words(f"option.{name}")
        )
    parser.add_argument("--lang", choices=LANGUAGES, default=default, help=words("option.lang"))
    switch = argparse.SUPPRESS if default == argparse.SUPPRESS else False
    for name in ("json", "quiet"):
        parser.add_argument(
            f"--{name}", action="store_true", default=switch, help=words(f"option.{name}")
        )


def _add_commands(parser: argparse.ArgumentParser, words: Words) -> None:
    within = _subcommands(parser, words)
    groups: dict[str, argparse._SubParsersAction[_Parser]] = {}
    for name, add in COMMANDS.items():
        group, _, action = name.partition(" ")
        if action and group not in groups:
            lone = within.add_parser(
                group, words=words, description=words(f"help.{group}"), help=words(f"help.{group}")
            )
            groups[group] = _subcommands(lone, words)
        place = groups[group] if action else within
        _add_command(place, name, words, add)


def _subcommands(
    parser: argparse.ArgumentParser, words: Words
) -> "argparse._SubParsersAction[_Parser]":
    return parser.add_subparsers(
        title=words("usage.commands"),
        metavar=words("usage.command"),
        required=True,
        parser_class=_Parser,
    )


def _add_command(
    place: "argparse._SubParsersAction[_Parser]", name: str, words: Words, add: Add
) -> None:
    key = name.replace(" ", "_")
    parser = place.add_parser(
        name.rpartition(" ")[2],
        words=words,
        help=words(f"help.{key}"),
        description=words(f"help.{key}") + "\n\n" + words(f"detail.{key}"),
        epilog=words("usage.examples") + "\n" + words(f"example.{key}"),
    )
    add(parser, words)
    _add_globals(parser, words, default=argparse.SUPPRESS)
    parser.set_defaults(command=name)


def _dock(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH", help=words("option.paths"))
    parser.add_argument("--slot", type=count, metavar="N", help=words("option.slot"))
    after = parser.add_mutually_exclusive_group()
    after.add_argument(
        "--erase", dest="after", action="store_const", const="erase", help=words("option.erase")
    )
    after.add_argument(
        "--confirm", dest="after", action="store_const", const="confirm",
        help=words("option.confirm"),
    )  # fmt: skip


def _up(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument(
        "--watch", action="append", default=[], metavar="PATH", help=words("option.watch")
    )


def _list(parser: argparse.ArgumentParser, words: Words) -> None:
    for name in ("officer", "recorder", "docking", "slot", "finding"):
        parser.add_argument(f"--{name}", metavar="ID", help=words(f"option.{name}"))
    parser.add_argument("--kind", choices=KINDS, help=words("option.kind"))
    for name in ("since", "until"):
        parser.add_argument(f"--{name}", metavar="TIME", help=words(f"option.{name}"))
    parser.add_argument("--important", action="store_true", help=words("option.important"))
    parser_label.add_filters(parser, words)
    parser.add_argument("--limit", type=count, default=50, metavar="N", help=words("option.limit"))
    parser.add_argument("--after", metavar="PLACE", help=words("option.after"))


def _segment(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("segment", metavar="SEGMENT", help=words("option.segment"))


def _seams(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("--docking", metavar="ID", help=words("option.docking"))
    parser.add_argument("--all", action="store_true", help=words("option.all"))


def _audit(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("--level", choices=LEVELS, help=words("option.level"))
    parser.add_argument("--known", metavar="FILE", help=words("option.known"))


def _verify(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("ledger", metavar="LEDGER_DIR", help=words("option.ledger"))
    parser.add_argument("--vkey", metavar="KEY", help=words("option.vkey"))
    parser.add_argument("--known", metavar="FILE", help=words("option.known"))


HOUSE: dict[str, Add] = {  # what needs no person
    "dock": _dock,
    "up": _up,
    "list": _list,
    "show": _segment,
    "history": _segment,
    "seams": _seams,
    "audit": _audit,
    "verify": _verify,
    "rebuild": nothing,
    "config check": nothing,
    "key new": nothing,
    "clock accept": nothing,
}
# A group of commands stands in its own module; the order here is that of the help.
COMMANDS: dict[str, Add] = {
    **HOUSE,
    **parser_people.COMMANDS,
    **parser_label.COMMANDS,
    **parser_ask.COMMANDS,
    **parser_copy.COMMANDS,
    **parser_keep.COMMANDS,
    **parser_dispose.COMMANDS,
    **parser_week.COMMANDS,
    **parser_alarm.COMMANDS,
    **parser_tend.COMMANDS,
}
