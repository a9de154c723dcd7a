"""Recorders: whose they are, who has them, handed out and in, one by one or as a list."""

from collections.abc import Iterator
from dataclasses import asdict

from fastapi import APIRouter, Request, Response

from api.admin_parts import UNCHANGED, Act, OfAct, tagged
from api.auth import OfSite, Signed
from api.models import EntryOut
from api.models_admin import (
    BindIn,
    HandIn,
    HandListIn,
    HandListOut,
    RecorderId,
    RecorderOut,
    SerialIn,
    StoppedOut,
    UnbindIn,
)
from custody import directory, handover
from custody.handlist import HandRow, Taken, hand_row, read_rows, take_list
from evidence.errors import UsageError
from evidence.ids import recorder_text
from evidence.ports import Ledger

router = APIRouter(tags=["recorders"])
SERIAL = "serial:"


@router.get("/recorders/{recorder}", response_model=RecorderOut, responses=UNCHANGED)
def show(request: Request, recorder: RecorderId, who: Signed, site: OfSite) -> Response:
    """Tell whose a recorder is, who has it, and how it was when it was last docked."""
    line = directory.recorder(site.desk, who.actor, recorder, site.zone)
    return tagged(request, RecorderOut.model_validate(asdict(line)))


@router.post("/recorders/search")
def find(body: SerialIn, who: Signed, site: OfSite) -> RecorderOut:
    """Tell of the recorder with a serial number, also before it was ever docked."""
    recorder = _by_serial(site.desk.ledger, body.serial)
    line = directory.recorder(site.desk, who.actor, recorder, site.zone)
    return RecorderOut.model_validate(asdict(line))


@router.post("/recorders/{recorder}/binding", status_code=201)
def bind(recorder: RecorderId, body: BindIn, act: OfAct) -> EntryOut:
    """Make a recorder somebody's own, or pool it in a unit."""

    def do() -> EntryOut:
        if body.person is None and body.unit is None:
            raise UsageError("bind_to_whom")
        entry = handover.bind(act.desk, act.actor, recorder, **body.model_dump())
        return EntryOut(entry=entry)

    return act.once(f"bind {recorder}", body, EntryOut, do)


@router.post("/recorders/{recorder}/unbinding", status_code=201)
def unbind(recorder: RecorderId, body: UnbindIn, act: OfAct) -> EntryOut:
    """End a binding; a recorder that is out comes in first."""

    def do() -> EntryOut:
        return EntryOut(entry=handover.unbind(act.desk, act.actor, recorder, body.until))

    return act.once(f"unbind {recorder}", body, EntryOut, do)


@router.post("/recorders/{recorder}/handovers", status_code=201)
def hand(recorder: RecorderId, body: HandIn, act: OfAct) -> EntryOut:
    """Write down that somebody takes a pooled recorder, or gives it back."""

    def do() -> EntryOut:
        desk, actor = act.desk, act.actor
        if body.way == "out":
            entry = handover.handover_out(
                desk, actor, recorder, body.person, at=body.at, due=body.due
            )
        else:
            entry = handover.handover_in(desk, actor, recorder, body.person, at=body.at)
        return EntryOut(entry=entry)

    return act.once(f"hand {recorder}", body, EntryOut, do)


@router.post("/handovers", status_code=201)
def hand_list(body: HandListIn, act: OfAct) -> HandListOut:
    """Write down a list of handovers row by row, up to the first that is refused.

    Where nothing at all was written, the answer is the problem of its first row.
    """

    def do() -> HandListOut:
        rows = read_rows(body.csv)
        return _taken(take_list(rows, lambda row: _hand(act, row)))

    return act.once("handovers", body, HandListOut, do)


def _taken(taken: Taken) -> HandListOut:
    stopped = None
    if taken.error is not None and taken.line is not None:
        if not taken.entries:
            raise taken.error
        stopped = StoppedOut(line=taken.line, word=taken.error.word)
    return HandListOut(rows=taken.rows, entries=list(taken.entries), stopped=stopped)


def _hand(act: Act, row: HandRow) -> Iterator[int]:
    recorder = row.recorder
    if recorder.startswith(SERIAL):
        recorder = _by_serial(act.desk.ledger, recorder.removeprefix(SERIAL))
    yield from hand_row(act.desk, act.actor, row, recorder, act.site.zone)


def _by_serial(ledger: Ledger, serial: str) -> str:
    named = recorder_text(serial, None, None, None)
    if named is None:
        raise UsageError("recorder_unknown", text=serial)
    return ledger.pseudonym("r", named)
