"""Audit, verification and history: the rules of ``custody`` over the real ledger and vault."""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from appliance.clock import SystemClock
from appliance.services import AuditReport, Found, HistoryEvent, Level, Tell, VerifyReport
from custody import audit as rules
from custody import findings
from custody.findings import Remark, verdicts
from custody.history import history
from custody.holdings import Holding
from custody.holdings import Level as Depth
from custody.verify import verify_tree
from evidence.codec import format_time
from evidence.entry import Entry
from evidence.errors import UsageError
from evidence.json import JsonObject
from evidence.note import VerifierKey, parse_vkey
from evidence.ports import Objects
from vault.client import LedgerClient
from vault.tiles import TreeFolder

VKEY_LIMIT_BYTES = 1024


@dataclass(frozen=True, slots=True)
class AuditPlan:
    """What an audit looks at, and with how many threads it reads the vault (0: one per core)."""

    ledger: Path
    vkey: Path
    objects: Objects
    client: LedgerClient
    catalogue: Callable[[], Iterable[JsonObject]]
    workers: int


def run_audit(plan: AuditPlan, level: Level, tell: Tell) -> AuditReport:
    """Audit everything to the depth of ``level``, and append the audit itself to the ledger."""
    begin = time.monotonic()
    sources = rules.Sources(
        tiles=TreeFolder(plan.ledger),
        key=read_vkey(plan.vkey),
        objects=plan.objects,
        statements=plan.client,
        index=plan.client.last,
        catalogue=plan.catalogue,
    )
    with ThreadPoolExecutor(plan.workers or os.cpu_count() or 1) as pool:

        def spread(
            check: rules.Check, holdings: Iterable[Holding]
        ) -> Iterator[list[findings.Found]]:
            return pool.map(check, holdings)

        report = rules.audit(sources, Depth(level), now=SystemClock().now(), run=spread, tell=tell)
    entry = rules.record_audit(report, plan.client)
    return AuditReport(
        level=level,
        entries=report.entries,
        root=report.root,
        segments=report.segments,
        bytes=report.bytes,
        ms=_since(begin),
        verdicts={question: str(answer) for question, answer in report.verdicts.items()},
        findings=tuple(_found(each) for each in report.findings),
        remarks=tuple(str(remark) for remark in report.remarks),
        entry=entry,
    )


def run_verify(ledger: Path, vkey: str | None, tell: Tell) -> VerifyReport:
    """Verify a public tree with nothing but the verifier key."""
    begin = time.monotonic()
    key = parse_vkey(vkey) if vkey else read_vkey(ledger.absolute().parent / "vkey")
    if not ledger.is_dir():
        raise UsageError("no_ledger_here", path=str(ledger))
    tree = verify_tree(TreeFolder(ledger), key, tell=tell)
    remarks = (Remark.NO_WITNESS, Remark.NO_KNOWN_CHECKPOINT)
    return VerifyReport(
        origin=tree.origin,
        entries=tree.size,
        root=tree.root,
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


def _event(entry: Entry, client: LedgerClient) -> HistoryEvent:
    statement = client.statement(entry.seq) if entry.statement else None
    facts = {**entry.body, **(statement.facts if statement else {})}
    return HistoryEvent(entry.seq, format_time(entry.at), entry.actor, entry.type, facts)


def _found(found: findings.Found) -> Found:
    return Found(str(found.code), found.entry, found.subject, found.facts)


def _since(begin: float) -> int:
    return int((time.monotonic() - begin) * 1000)
