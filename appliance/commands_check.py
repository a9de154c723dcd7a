"""``audit``, ``verify``, ``rebuild``: who believes nobody, and what can be made again."""

from collections.abc import Sequence
from pathlib import Path

from appliance.call import Call
from appliance.commands_copy import verify_copy
from appliance.config import Config
from appliance.exits import Exit
from appliance.home import choose_home
from appliance.mistakes import ConfigurationError
from appliance.output import Answer, table
from appliance.progress import Progress
from appliance.services import Found, Services, as_json
from appliance.settings import Settings
from appliance.words import Words
from custody.packages import MANIFEST
from evidence.json import JsonObject

KEY_LIMIT = 4096  # characters of a verifier key
FOUND_LIMIT = 200  # findings on a screen; the document has all of them
QUESTIONS = ("intact", "signed", "witnessed", "in_time")


def audit(call: Call) -> Answer:
    """Check checkpoint, tree, entries, bytes and catalogue; say what was proven."""
    words = call.words
    level = call.arguments.level or call.settings.config.audit.level
    with Progress(call.terminal, words, "report.progress") as tell:
        report = call.services.audit(level, _known(call), tell)
    lines = [
        words("report.head", level=level, entries=report.entries, segments=report.segments,
              bytes=report.bytes, ms=report.ms),
        words("report.root", root=report.root),
        *_verdicts(report.verdicts, words),
        *_findings(report.findings, words),
        *(f"  – {words(f'remark.{remark}')}" for remark in report.remarks),
        words("report.clean" if report.clean else "report.dirty", count=len(report.findings)),
    ]  # fmt: skip
    if report.entry is not None:
        lines.append(words("report.entry", entry=report.entry))
    if report.clean:
        lines.append(words("report.keep", path=call.settings.home.ledger / "checkpoint"))
    code = Exit.OK if report.clean else Exit.FINDINGS
    return Answer({"audit": as_json(report), "clean": report.clean}, lines, code)


def verify(call: Call) -> Answer:
    """Check a ledger folder, or a copy, on its own: no home, no database, no network."""
    words = call.words
    folder = Path(call.arguments.ledger)
    if (folder / MANIFEST).is_file():
        return verify_copy(call, folder, _key(call.arguments.vkey))
    with Progress(call.terminal, words, "report.progress") as tell:
        key = _key(call.arguments.vkey)
        report = _without_home(call).verify(folder, key, _known(call), tell)
    clean = not report.findings
    lines = [
        words("verify.head", origin=report.origin, entries=report.entries, ms=report.ms),
        words("report.root", root=report.root),
        *_verdicts(report.verdicts, words),
        *_findings(report.findings, words),
        *(f"  – {words(f'remark.{remark}')}" for remark in report.remarks),
        words("verify.clean" if clean else "verify.dirty", count=len(report.findings)),
    ]
    if clean:
        lines.append(words("verify.keep", path=folder / "checkpoint"))
    code = Exit.OK if clean else Exit.FINDINGS
    return Answer({"verify": as_json(report), "clean": clean}, lines, code)


def rebuild(call: Call) -> Answer:
    """Make the catalogue again from ledger, statements and vault."""
    with Progress(call.terminal, call.words, "rebuild.progress") as tell:
        made = call.services.rebuild(tell)
    line = call.words("rebuild.done", entries=made.entries, rows=made.rows, ms=made.ms)
    return Answer({"rebuilt": as_json(made)}, [line])


def _without_home(call: Call) -> Services:
    """Return the house even where the configuration is broken: a verifier needs none of it."""
    try:
        return call.services
    except ConfigurationError:
        home = choose_home(None, "", call.environment)
        return call.wire(Settings(Config(), None, home))


def _known(call: Call) -> Path | None:
    return Path(call.arguments.known) if call.arguments.known else None


def _key(asked: str | None) -> str | None:
    """Return the verifier key: the text itself, or the first line of the file that was named."""
    if asked is None or not Path(asked).is_file():
        return asked
    with Path(asked).open(encoding="utf-8", errors="replace") as file:
        return file.read(KEY_LIMIT).partition("\n")[0]


def _verdicts(verdicts: JsonObject, words: Words) -> list[str]:
    rows = [
        [f"  {words(f'question.{each}')}", words(f"verdict.{verdicts.get(each, 'not_checked')}")]
        for each in QUESTIONS
    ]
    return table(rows)


def _findings(findings: Sequence[Found], words: Words) -> list[str]:
    lines = [f"  ✗ {_found(each, words)}" for each in findings[:FOUND_LIMIT]]
    if len(findings) > FOUND_LIMIT:
        lines.append(words("report.more", count=len(findings) - FOUND_LIMIT))
    return lines


def _found(found: Found, words: Words) -> str:
    told = words(f"audit.{found.code}", **found.facts)
    where = [words("report.at_entry", entry=found.entry)] if found.entry is not None else []
    where += [str(found.subject)] if found.subject else []
    return f"{told} [{', '.join(where)}]" if where else told
