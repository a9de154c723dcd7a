"""Pages of interruptions: which there are, why it broke off, and whether that is accepted."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api import labels
from api.gap_strip import Kind, strip
from api.label_form import facts_of
from api.models import INDEX_LIMIT, PersonId
from api.models_footage import ExplainIn, VerdictIn
from api.pages_enter import SEE_OTHER
from api.pages_work import DAY_LENGTH, day_of, whose_list
from api.pieces import Piece, piece_of
from api.problems import status_of
from api.site import Site
from api.visit import Here, Visit
from custody import gaps as rules
from custody import mine
from custody.gaps import REASONS, WORDS_LIMIT, Gap, Reason, Verdict
from custody.listing import listing_for
from custody.names import name_then
from evidence.entry import Entry
from evidence.errors import EvidenceError, RefusedError
from evidence.people import Register

router = APIRouter(include_in_schema=False)
PAGE = 100  # interruptions
Seams = Annotated[int, Path(ge=0, le=INDEX_LIMIT)]
Place = Annotated[int, Path(ge=0, le=labels.PLACES_LIMIT)]
Once = Annotated[str, Form(pattern="^[0-9A-Za-z_-]{8,64}$")]
Typed = Annotated[str, Form()]
Mistakes = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Shown:
    """One interruption with the recordings at its sides."""

    gap: Gap
    before: Piece | None
    after: Piece | None


@dataclass(frozen=True, slots=True)
class Words:
    """One explanation, or an answer to one; ``words`` is None once its key is destroyed."""

    entry: Entry
    by: str
    words: str | None


@dataclass(frozen=True, slots=True)
class Said:
    """What stands in a form of this page."""

    reason: str = ""
    words: str = ""
    spoken: bool = False
    verdict: str = ""


@router.get("/gaps")
def gaps(
    *,
    here: Here,
    person: PersonId | None = None,
    since: Annotated[str, Query(max_length=DAY_LENGTH)] = "",
    everything: Annotated[bool, Query(alias="all")] = False,
) -> Response:
    """List the interruptions of somebody that are not settled; to supervisors, what waits."""
    site = here.site
    listing = listing_for(site.desk, here.who.actor)
    whose = whose_list(site, listing, person)
    day, mistakes = day_of(here, since)
    listed = mine.sightings_of(site.desk, whose.person, day)
    register = listing.standing.register
    found = mine.gaps(site.desk, listed, listing.may)
    open_ones = (each for each in found if everything or each.state != "accepted")
    rows = list(islice(open_ones, PAGE + 1))
    return here.page(
        "gaps.html",
        whose=whose,
        rows=[_shown(site, register, each) for each in rows[:PAGE]],
        more=listed.more or len(rows) > PAGE,
        waiting=[_shown(site, register, each) for each in _waiting(here, register)],
        since=since,
        everything=everything,
        mistakes=mistakes,
    )


def _waiting(here: Visit, register: Register) -> list[Gap]:
    """Return what waits for the answer of a supervisor; for nobody else is the tree walked."""
    desk, person = here.site.desk, here.who.actor
    now = desk.clock.now()
    if all(each.role != "supervisor" for each in register.roles(person.id, now)):
        return []
    return list(islice(rules.to_answer(desk, person, now - mine.BACK), PAGE))


def _shown(site: Site, register: Register, gap: Gap) -> Shown:
    before, after = (
        piece_of(site, register, each, gap.docking) if each else None
        for each in (gap.before, gap.after)
    )
    return Shown(gap, before, after)


@router.get("/gaps/{seams}/{seam}")
def show(seams: Seams, seam: Place, here: Here) -> Response:
    """Show one interruption on an axis, what was said about it, and what may be said now."""
    return _page(here, labels.gap_seen(here.site, here.who.actor, seams, seam), Said())


@router.post("/gaps/{seams}/{seam}/explanation")
def explain(
    *,
    seams: Seams,
    seam: Place,
    here: Here,
    key: Once,
    reason: Annotated[Reason | None, Form()] = None,
    words: Typed = "",
    spoken: Annotated[bool, Form()] = False,
) -> Response:
    """Say why it broke off, or say at the field what is missing; what was typed stays."""
    found = labels.gap_seen(here.site, here.who.actor, seams, seam)
    said = Said(reason or "", words, spoken)
    mistakes = _missing(here, said)
    if reason is None or mistakes:
        return _page(here, found, said, mistakes, 400)
    try:
        body = ExplainIn(reason=reason, words=words, spoken=spoken)
        labels.explain(seams=seams, seam=seam, body=body, key=key, who=here.who, site=here.site)
    except RefusedError:
        raise
    except EvidenceError as error:
        mistakes = {"words": here.sentence(error)}
        return _page(here, found, said, mistakes, status_of(error))
    return RedirectResponse(f"/gaps/{seams}/{seam}", SEE_OTHER)


@router.post("/gaps/{seams}/{seam}/verdict")
def answer(
    *,
    seams: Seams,
    seam: Place,
    here: Here,
    key: Once,
    verdict: Annotated[Verdict, Form()],
    words: Typed = "",
) -> Response:
    """Accept an explanation, or give it back with the words that say what is missing."""
    found = labels.gap_seen(here.site, here.who.actor, seams, seam)
    said = Said(words=words, verdict=verdict)
    mistakes = _too_long(here, "answer", words)
    if verdict == "returned" and not words.strip():
        mistakes["answer"] = here.t["answer_missing"]
    if mistakes:
        return _page(here, found, said, mistakes, 400)
    try:
        body = VerdictIn(verdict=verdict, words=words)
        labels.answer(seams=seams, seam=seam, body=body, key=key, who=here.who, site=here.site)
    except RefusedError:
        raise
    except EvidenceError as error:
        mistakes = {"answer": here.sentence(error)}
        return _page(here, found, said, mistakes, status_of(error))
    return RedirectResponse("/gaps", SEE_OTHER)


def _missing(here: Visit, said: Said) -> dict[str, str]:
    mistakes = _too_long(here, "words", said.words)
    if not said.reason:
        mistakes["reason"] = here.t["reason_missing"]
    if not said.words.strip() and (said.reason == "other" or not said.spoken):
        mistakes["words"] = here.t["words_missing"]
    return mistakes


def _too_long(here: Visit, field: str, words: str) -> dict[str, str]:
    if len(words) <= WORDS_LIMIT:
        return {}
    return {field: here.w("error.explanation_malformed", limit=WORDS_LIMIT)}


def _page(
    here: Visit, found: Gap, said: Said, mistakes: Mistakes | None = None, status: int = 200
) -> HTMLResponse:
    desk, actor = here.site.desk, here.who.actor
    shown = _shown(here.site, here.site.entrance().register, found)
    explained = found.state == "explained"
    answering = rules.in_the_way(desk, actor, found, "answer_gap") if explained else None
    explaining = rules.in_the_way(desk, actor, found, "explain_gap")
    return here.page(
        "gap.html",
        status,
        shown=shown,
        bars=_bars(shown),
        history=_history(here.site, found),
        may_explain=found.state != "accepted" and not explaining,
        may_answer=answering == (),
        reasons=REASONS,
        said=said,
        mistakes=mistakes or {},
    )


def _bars(shown: Shown) -> object:
    """Return the picture: a part for each side that there is, and the hole between them."""
    hole = None if shown.gap.kind == "hole" else shown.gap.ms  # of a hole it counts numbers
    parts: list[tuple[Kind, int | None]] = [("film", shown.before.ms)] if shown.before else []
    parts += [("hole", hole)]
    parts += [("film", shown.after.ms)] if shown.after else []
    return strip(parts)


def _history(site: Site, found: Gap) -> list[Words]:
    ledger = site.desk.ledger
    told = []
    for entry in rules.said_of(ledger, found):
        facts = facts_of(ledger.statement(entry.seq))
        by = name_then(ledger, entry.actor, entry.seq) or entry.actor
        told.append(Words(entry, by, str(facts.get("words") or "") if facts else None))
    return told
