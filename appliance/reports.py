"""Audit, verification and history: the rules of ``custody`` over the real ledger and vault."""

import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from appliance.clock import SystemClock
from appliance.services import AuditReport, Found, HistoryEvent, Level, Tell, VerifyReport
from custody import audit as rules
from custody import findings
from custody.desk import AccessRules
from custody.endings import Decides
from custody.findings import AuditFinding, Remark, verdicts
from custody.history import history
from custody.holdings import Holding
from custody.holdings import Level as Depth
from custody.lawful import Lawful
from custody.recounted import Recount, Recounting
from custody.register import hosts_of
from custody.verify import verify_tree
from evidence.checkpoint import parse
from evidence.codec import format_time
from evidence.entry import Entry
from evidence.errors import (
    EvidenceError,
    IntegrityError,
    LedgerForkError,
    UsageError,
    VaultUnavailableError,
)
from evidence.json import JsonObject
from evidence.note import NOTE_LIMIT_BYTES, VerifierKey, parse_vkey
from evidence.ports import Clock, Objects, Use
from vault.client import LedgerClient
from vault.durable import read_limited
from vault.remembering import RememberingLedger
from vault.tiles import CHECKPOINT, TreeFolder

VKEY_LIMIT_BYTES = 1024
# While one thread digests, the others wait for the medium, which serves several better than one.
THREADS_OF_A_CORE = 4


@dataclass(frozen=True, slots=True)
class AuditPlan:
    """What an audit looks at, and with how many threads it reads the vault (0: four a core).

    ``settings`` are those in force (``appliance/declared.py``); None where they cannot be told.

    ``counting`` says which looks are running (``evidence.ports.Meter``), ``rules`` which signatures
    count.

    ``objects`` opens the vault, ``reach`` the ledger process, starting one where none runs; neither
    is asked where there is no ledger.
    """

    ledger: Path
    vkey: Path
    objects: Callable[[], Objects]
    reach: Callable[[], LedgerClient]
    catalogue: Callable[[], Iterable[JsonObject]]
    workers: int
    settings: JsonObject | None = None
    counting: Callable[[], Collection[Use]] | None = None
    rules: Callable[[], AccessRules] | None = None
    clock: Clock = field(default_factory=SystemClock)


def run_audit(plan: AuditPlan, level: Level, known: Path | None, tell: Tell) -> AuditReport:
    """Audit everything to the depth of ``level``, and append the audit itself to the ledger.

    ``known`` is a file with a signed checkpoint that the auditor has kept.  A ledger process that
    refuses to start over what lies here is a finding; what can be read without it is audited.
    """
    begin = time.monotonic()
    key = _own_key(plan)
    kept = read_known(known)
    client, refusal = _reach(plan, key)
    sources = _sources(plan, key, client)
    threads = plan.workers or THREADS_OF_A_CORE * (os.cpu_count() or 1)
    with ThreadPoolExecutor(threads) as pool:

        def spread(
            check: rules.Check, holdings: Iterable[Holding]
        ) -> Iterator[list[findings.Found]]:
            return pool.map(check, holdings)

        report = rules.audit(
            sources,
            Depth(level),
            known=kept,
            own=client.checkpoint() if client else None,
            before=refusal,
            now=plan.clock.now(),
            run=spread,
            tell=tell,
        )
    report, entry = _recorded(report, client)
    return _audit_report(report, entry, _since(begin))


def run_verify(ledger: Path, vkey: str | None, known: Path | None, tell: Tell) -> VerifyReport:
    """Verify a public tree with nothing but the verifier key, and a kept checkpoint if any."""
    begin = time.monotonic()
    key = parse_vkey(vkey) if vkey else read_vkey(ledger.absolute().parent / "vkey")
    if not ledger.is_dir():
        raise UsageError("no_ledger_here", path=str(ledger))
    kept = read_known(known)
    tree = verify_tree(TreeFolder(ledger), key, known=kept, tell=tell)
    unknown = {Remark.NO_KNOWN_CHECKPOINT: not kept, Remark.CLOCK_SET_BACK: tree.set_back > 0}
    remarks = [Remark.NO_WITNESS, *(remark for remark, holds in unknown.items() if holds)]
    return VerifyReport(
        origin=tree.origin,
        entries=tree.size,
        root=tree.root,
        checkpoint=_text(tree.note),
        ms=_since(begin),
        verdicts={name: str(answer) for name, answer in verdicts(tree.findings).items()},
        findings=tuple(_found(each) for each in tree.findings),
        remarks=tuple(str(remark) for remark in remarks),
    )


def tell_history(subject: str, client: LedgerClient) -> tuple[HistoryEvent, ...]:
    """Return every entry about a subject, oldest first, with what its statement adds."""
    entries = reversed(history(subject, client))
    return tuple(_event(entry, client) for entry in entries)


def read_vkey(path: Path) -> VerifierKey:
    """Return the verifier key in a file.  Raises ``UsageError`` where there is none."""
    try:
        with path.open("rb") as file:
            text = file.read(VKEY_LIMIT_BYTES).decode("utf-8", "replace")
    except OSError as error:
        raise UsageError("no_vkey_here", path=str(path)) from error
    return parse_vkey(text.removesuffix("\n"))


def read_known(path: Path | None) -> list[bytes]:
    """Return the signed checkpoint in a file that somebody kept; whose it is, is not judged here.

    Raises ``UsageError`` where no checkpoint is in it: a wrong file must not look like a proof.
    """
    if path is None:
        return []
    try:
        note = read_limited(path, NOTE_LIMIT_BYTES) or b""
        parse(note.partition(b"\n\n")[0].decode() + "\n")
    except (VaultUnavailableError, IntegrityError, UnicodeDecodeError) as error:
        raise UsageError("no_checkpoint_here", path=str(path)) from error
    return [note]


def _own_key(plan: AuditPlan) -> VerifierKey:
    try:
        return read_vkey(plan.vkey)
    except UsageError as error:
        if not (plan.ledger / CHECKPOINT).exists():
            raise UsageError("ledger_missing", path=str(plan.ledger.parent)) from error
        raise LedgerForkError("ledger_vkey_missing", path=str(plan.vkey)) from error


def _reach(plan: AuditPlan, key: VerifierKey) -> tuple[LedgerClient | None, list[findings.Found]]:
    """Return the ledger process, or why it refuses; one that does not answer is no answer."""
    try:
        return plan.reach(), []
    except (IntegrityError, UsageError, VaultUnavailableError) as error:
        return None, [_refusal(error, key)]


def _refusal(error: EvidenceError, key: VerifierKey) -> findings.Found:
    if error.word == "origin_differs" and error.facts.get("ledger") == key.name:
        facts: JsonObject = {"configured": str(error.facts.get("configured")), "ledger": key.name}
        return findings.Found(AuditFinding.CONFIGURATION_DIFFERS, None, None, facts)
    return findings.Found(AuditFinding.LEDGER_REFUSES, None, None, {"because": error.word})


def _sources(plan: AuditPlan, key: VerifierKey, client: LedgerClient | None) -> rules.Sources:
    public = TreeFolder(plan.ledger)
    if client is None:
        objects, settings, counting = plan.objects(), plan.settings, plan.counting
        return rules.Sources(public, key, objects, settings=settings, counting=counting)
    return rules.Sources(
        tiles=public,
        key=key,
        objects=plan.objects(),
        statements=client,
        index=client.last,
        counted=client.subjects,
        pseudonym=client.pseudonym,
        catalogue=plan.catalogue,
        settings=plan.settings,
        counting=plan.counting,
        decides=_decides(plan, client),
        recount=_recount(plan, client),
    )


def _decides(plan: AuditPlan, client: LedgerClient) -> Decides | None:
    """Return what decides disposals again; None where the days of the station cannot be told."""
    zone = plan.settings.get("station.time_zone") if plan.settings else None
    if not isinstance(zone, str) or plan.rules is None:
        return None
    # Entries that many ends have in common are asked for once.
    return Lawful(RememberingLedger(client), ZoneInfo(zone), plan.rules(), hosts_of(client))


def _recount(plan: AuditPlan, client: LedgerClient) -> Recount | None:
    """Return what counts closed weeks again; None where the days of the station cannot be told."""
    zone = plan.settings.get("station.time_zone") if plan.settings else None
    if not isinstance(zone, str):
        return None
    return Recounting(client, TreeFolder(plan.ledger), ZoneInfo(zone))


def _recorded(
    report: rules.AuditReport, client: LedgerClient | None
) -> tuple[rules.AuditReport, int | None]:
    """Append the audit to the ledger; what was found is told also where it takes no entry."""
    if client is None:
        return report, None  # why has been found
    try:
        return report, rules.record_audit(report, client)
    except EvidenceError as error:
        return rules.unrecorded(report, error.word), None


def _audit_report(report: rules.AuditReport, entry: int | None, ms: int) -> AuditReport:
    return AuditReport(
        level=str(report.level),
        entries=report.entries,
        root=report.root,
        checkpoint=_text(report.note),
        segments=report.segments,
        bytes=report.bytes,
        ms=ms,
        verdicts={question: str(answer) for question, answer in report.verdicts.items()},
        findings=tuple(_found(each) for each in report.findings),
        remarks=tuple(str(remark) for remark in report.remarks),
        entry=entry,
    )


def _event(entry: Entry, client: LedgerClient) -> HistoryEvent:
    statement = client.statement(entry.seq) if entry.statement else None
    facts = {**entry.body, **(statement.facts if statement else {})}
    return HistoryEvent(entry.seq, format_time(entry.at), entry.actor, entry.type, facts)


def _found(found: findings.Found) -> Found:
    return Found(str(found.code), found.entry, found.subject, found.facts)


def _text(note: bytes | None) -> str:
    return (note or b"").decode("utf-8", "replace")


def _since(begin: float) -> int:
    return int((time.monotonic() - begin) * 1000)
