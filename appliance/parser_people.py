"""The command line of setup and who is who: each command by its name, and what it takes."""

import argparse

from appliance.parser_parts import Add, nothing
from appliance.words import Words
from evidence.people import ROLES


def _given(*options: str, required: bool = False) -> Add:
    """Return what adds options with a value, as ``--name`` or ``--name=key of its sentence``.

    One whose sentence ends in ``+`` may be given again.
    """

    def add(parser: argparse.ArgumentParser, words: Words) -> None:
        for option in options:
            name, _, key = option.rstrip("+").removeprefix("--").partition("=")
            sentence = words(f"option.{key or name.replace('-', '_')}")
            sign = name.rpartition("-")[2].upper()
            action = "append" if option.endswith("+") else "store"
            parser.add_argument(
                f"--{name}", metavar=sign, action=action, required=required, help=sentence
            )

    return add


def _told(*names: str) -> Add:
    """Return what adds arguments that stand in their place; one in brackets may be left out."""

    def add(parser: argparse.ArgumentParser, words: Words) -> None:
        for name in names:
            bare = name.strip("[]")
            sentence = words(f"option.the_{bare}")
            parser.add_argument(
                bare, metavar=bare.upper(), nargs="?" if name != bare else None, help=sentence
            )

    return add


def _flags(*names: str) -> Add:
    def add(parser: argparse.ArgumentParser, words: Words) -> None:
        for name in names:
            parser.add_argument(f"--{name}", action="store_true", help=words(f"option.{name}"))

    return add


def _role(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("role", choices=ROLES, help=words("option.the_role"))


def _entry(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("entry", type=int, metavar="ENTRY", help=words("option.the_entry"))


def _sighting(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("--sighting", type=int, metavar="ENTRY", help=words("option.sighting"))


def _enforces(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("--enforcing", choices=("yes", "no"), help=words("option.enforces"))


def _together(*parts: Add) -> Add:
    def add(parser: argparse.ArgumentParser, words: Words) -> None:
        for part in parts:
            part(parser, words)

    return add


_FACTS = _given("--number", "--certificate", "--certificate-until", "--alias+")
_TERM = _given("--since=term_since", "--until=term_until")
_REASON = _given("--reason", required=True)

COMMANDS: dict[str, Add] = {
    "setup": _together(
        _given("--organisation", "--login-host", "--sign-host", "--admin+", "--auditor"),
        _given("--tls-certificate", "--tls-key"),
        _flags("codes"),
    ),
    "login": _together(_told("[account]"), _flags("code"), _given("--password-file")),
    "logout": nothing,
    "password": _given("--password-file=two_secrets"),
    "whoami": nothing,
    "people enrol": _together(_told("name"), _given("--unit=of_unit", "--account"), _FACTS),
    "people correct": _together(_told("person"), _given("--name", "--unit=of_unit"), _FACTS),
    "people code": _together(_told("person"), _given("--account")),
    "people list": nothing,
    "people suspend": _together(_told("person"), _REASON),
    "people restore": _together(_told("person"), _REASON),
    "unit add": _together(_told("name"), _given("--below"), _flags("enforcing")),
    "unit list": nothing,
    "unit move": _together(_told("unit"), _given("--below", "--name"), _enforces),
    "unit head": _together(_told("unit", "person"), _TERM),
    "unit deputy": _together(_told("unit", "person"), _TERM),
    "role grant": _together(_told("person"), _role, _told("unit"), _TERM),
    "role revoke": _entry,
    "recorder bind": _together(
        _told("recorder", "[person]"), _given("--unit=pool_unit", "--since=held_since")
    ),
    "recorder unbind": _together(_told("recorder"), _given("--until=held_until")),
    "recorder correct": _together(
        _told("recorder"),
        _entry,
        _told("[person]"),
        _given("--unit=pool_unit", "--since=held_since", "--until=held_until"),
        _flags("open", "void"),
        _REASON,
    ),
    "recorder show": _told("recorder"),
    "recorder holder": _together(_told("segment", "person"), _REASON, _sighting),
    "recorder unresolved": _given("--since=mine_since"),
    "handover out": _together(_told("recorder", "person"), _given("--at", "--due")),
    "handover in": _together(_told("recorder", "person"), _given("--at")),
    "handover import": _told("file"),
}
