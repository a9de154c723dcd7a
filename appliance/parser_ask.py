"""The command line of questions and decisions: each command by its name, and what it takes."""

import argparse

from appliance.parser_parts import Add, nothing
from appliance.words import Words
from custody.permission import DOES
from evidence.asking import ACTS, PURPOSES, TIMES_LIMIT


def _times(text: str) -> int:
    value = int(text)
    if not 1 <= value <= TIMES_LIMIT:
        raise ValueError
    return value


def _reason(parser: argparse.ArgumentParser, words: Words, *, required: bool = True) -> None:
    told = words("option.why_reason")
    parser.add_argument("--reason", metavar="TEXT", required=required, help=told)


def _switches(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("--dry-run", action="store_true", help=words("option.dry_run"))
    parser.add_argument("--yes", action="store_true", help=words("option.yes"))


def _request(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("act", choices=ACTS, help=words("option.act"))
    parser.add_argument("segment", nargs="+", metavar="SEGMENT", help=words("option.segments"))
    told = words("option.purpose", known=", ".join(PURPOSES))
    parser.add_argument("--purpose", choices=PURPOSES, metavar="PURPOSE", required=True, help=told)
    _reason(parser, words)
    told = words("option.grant_until")
    parser.add_argument("--until", metavar="DAY", required=True, help=told)
    parser.add_argument("--times", type=_times, default=1, metavar="N", help=words("option.times"))
    parser.add_argument("--case", metavar="NUMBER", help=words("option.case"))
    parser.add_argument("--recipient", metavar="TEXT", help=words("option.recipient"))
    parser.add_argument("--letter", metavar="NUMBER", help=words("option.letter"))
    parser.add_argument("--letter-copy", metavar="FILE", help=words("option.letter_copy"))
    parser.add_argument("--slices", metavar="FIRST-LAST", help=words("option.slices"))
    _switches(parser, words)


def _question(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("question", metavar="QUESTION", help=words("option.question"))
    _reason(parser, words)


def _decide(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("answer", choices=("approve", "refuse"), help=words("option.answer"))
    told = words("option.questions")
    parser.add_argument("question", nargs="+", metavar="QUESTION", help=told)
    _reason(parser, words, required=False)
    told = words("option.only")
    parser.add_argument("--only", action="append", default=[], metavar="SEGMENT", help=told)
    parser.add_argument("--slices", metavar="FIRST-LAST", help=words("option.slices"))
    parser.add_argument("--until", metavar="DAY", help=words("option.narrow_until"))
    parser.add_argument("--times", type=_times, metavar="N", help=words("option.narrow_times"))
    told = words("option.confidential_until")
    parser.add_argument("--confidential-until", metavar="DAY", help=told)
    parser.add_argument("--key", metavar="FILE", help=words("option.key"))
    _switches(parser, words)


def _grant_end(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("grant", metavar="GRANT", help=words("option.grant"))
    _reason(parser, words)


def _why(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("person", metavar="PERSON", help=words("option.why_person"))
    told = words("option.why_act", known=", ".join(DOES))
    parser.add_argument("act", choices=DOES, metavar="ACT", help=told)
    told = words("option.why_subject")
    parser.add_argument("subject", nargs="?", metavar="SUBJECT", help=told)


def _key_demo(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("file", metavar="FILE", help=words("option.key_file"))
    told = words("option.witness")
    parser.add_argument("--witness", metavar="ACCOUNT", required=True, help=told)
    told = words("option.witness_file")
    parser.add_argument("--password-file", metavar="FILE", help=told)


def _key_revoke(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("entry", type=int, metavar="ENTRY", help=words("option.key_entry"))


COMMANDS: dict[str, Add] = {
    "request": _request,
    "inbox": nothing,
    "withdraw": _question,
    "object": _question,
    "decide": _decide,
    "grants": nothing,
    "grant end": _grant_end,
    "why": _why,
    "rules show": nothing,
    "rules adopt": nothing,
    "key demo": _key_demo,
    "key list": nothing,
    "key revoke": _key_revoke,
}
