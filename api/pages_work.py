"""Pages of an officer's work: what has no label yet, and the form that gives it one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from itertools import islice
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api import labels
from api.label_form import (
    LabelFields,
    LabelForm,
    Told,
    choices,
    facts_of,
    filled,
    item_then,
    mistakes_of,
    officers_of,
    said_in,
    typed_names,
)
from api.models import DockingId, Index, PersonId, SegmentId
from api.pages_enter import SEE_OTHER
from api.pieces import piece_of
from api.problems import status_of
from api.site import Site
from api.visit import Here, Visit
from custody import mine
from custody.facts import over_footage
from custody.footage import footage_of
from custody.labels import NO_CASE, SEGMENTS_LIMIT, SENSITIVITIES, label_of, labels_of
from custody.listing import Listing, check_person, listing_for, people_led
from custody.mine import Mine
from custody.names import name_then, person_name
from custody.permission import refusals
from custody.recordings import of_docking, of_recording
from evidence.entry import Entry
from evidence.errors import EvidenceError, RefusedError, UnknownSegmentError, UsageError

router = APIRouter(include_in_schema=False)
PAGE = 50  # recordings
LED_LIMIT = 500  # people to choose from
DAY_LENGTH = 10  # characters
Segments = Annotated[list[SegmentId] | None, Query(max_length=SEGMENTS_LIMIT)]


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose list is shown, and to whom."""

    person: str
    own: bool
    name: str
    led: list[tuple[str, str]]  # id, name: whom one may choose instead


@router.get("/unlabelled")
def unlabelled(
    *,
    here: Here,
    person: PersonId | None = None,
    since: Annotated[str, Query(max_length=DAY_LENGTH)] = "",
    everything: Annotated[bool, Query(alias="all")] = False,
    after: Index | None = None,
    done: Annotated[int | None, Query(ge=0, le=SEGMENTS_LIMIT)] = None,
    missing: bool = False,
    like: SegmentId | None = None,
) -> Response:
    """List what somebody recorded that has no complete label; with ``all``, also what has one."""
    site = here.site
    listing = listing_for(site.desk, here.who.actor)
    whose = whose_list(site, listing, person)
    day, mistakes = day_of(here, since)
    listed = mine.sightings_of(site.desk, whose.person, day)
    wanted = _after(listed.sightings, after)
    rest = replace(listed, sightings=wanted)
    here_now = mine.in_custody(site.desk, rest, listing.may)
    found = here_now if everything else _without(site, listing, rest)
    rows = list(islice(found, PAGE + 1))
    register = listing.standing.register
    asked = {"person": person, "since": since, "all": everything and "true"}
    return here.page(
        "unlabelled.html",
        whose=whose,
        pieces=[piece_of(site, register, each.segment, each.docking) for each in rows[:PAGE]],
        more=rows[PAGE - 1].entry if len(rows) > PAGE else None,
        cut=listed.more,
        everything=everything,
        since=since,
        asked=urlencode({name: value for name, value in asked.items() if value}),
        said=(done, missing, like),
        mistakes=mistakes,
    )


def whose_list(site: Site, listing: Listing, person: str | None) -> Whose:
    """Return whose list is asked for; raises ``RefusedError`` where it is not for these eyes."""
    own = listing.standing.person
    wanted = person or own
    check_person(listing, wanted)
    register, ledger = listing.standing.register, site.desk.ledger
    led = [(each, person_name(ledger, register, each) or each) for each in people_led(listing)]
    led = sorted(led[:LED_LIMIT], key=lambda each: each[1])
    name = person_name(ledger, register, wanted) or wanted
    return Whose(wanted, wanted == own, name, led)


def day_of(here: Visit, typed: str) -> tuple[datetime | None, dict[str, str]]:
    """Return the beginning of a day on the clock of the place, or what is wrong with it."""
    if not typed:
        return None, {}
    try:
        return datetime.combine(date.fromisoformat(typed), time(), here.site.zone), {}
    except ValueError:
        return None, {"since": here.t["day_wrong"]}


def _after(sightings: tuple[Mine, ...], after: int | None) -> tuple[Mine, ...]:
    places = [n for n, each in enumerate(sightings) if each.entry == after]
    return sightings[places[0] + 1 :] if places else sightings


def _without(site: Site, listing: Listing, listed: mine.Recorded) -> Iterator[Mine]:
    return (each.mine for each in mine.unlabelled(site.desk, listed, listing.may))


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a label is said of; ``back``: the list that it was chosen from."""

    segments: list[str]
    person: str | None

    @property
    def query(self) -> str:
        """Return the address of the form, without its path."""
        back = [("person", self.person)] if self.person else []
        return urlencode([*(("segment", each) for each in self.segments), *back], safe=":")


@router.get("/label")
def form_page(
    *,
    here: Here,
    segment: Segments = None,
    recording: SegmentId | None = None,
    docking: DockingId | None = None,
    like: SegmentId | None = None,
    person: PersonId | None = None,
) -> Response:
    """Show the form for some recordings, for the parts of one, or for all of a docking."""
    site, listing = here.site, listing_for(here.site.desk, here.who.actor)
    if recording or docking:
        return _wider(site, listing, (recording, docking), person)
    if not segment:
        return RedirectResponse("/unlabelled", SEE_OTHER)
    chosen = Chosen(_listed(listing, segment), person)
    register = listing.standing.register
    said = like or chosen.segments[0]
    held = label_of(site.desk.ledger, said) if listing.may(said, "see_label") else None
    if held is not None:
        form = filled(site, register, held)
    else:
        people = piece_of(site, register, chosen.segments[0]).holders
        form = LabelFields(officers=typed_names(site, register, list(people)))
    return _form_page(here, chosen, form)


@router.post("/label")
def say(
    *,
    here: Here,
    segment: Annotated[list[SegmentId], Query(min_length=1, max_length=SEGMENTS_LIMIT)],
    form: Annotated[LabelForm, Form()],
    person: PersonId | None = None,
) -> Response:
    """Label, or say at each field what is to be mended; what was typed stays."""
    site, listing = here.site, listing_for(here.site.desk, here.who.actor)
    chosen = Chosen(_listed(listing, segment), person)
    officers, wrong = officers_of(site, listing.standing.register, form, here.t)
    mistakes = wrong | mistakes_of(site, form, here.t, here.w)
    if mistakes:
        return _form_page(here, chosen, form, mistakes, 400)
    said = said_in(form, chosen.segments, officers)
    try:
        labels.say(said, form.key, here.who, site)
    except RefusedError:
        raise
    except EvidenceError as error:
        return _form_page(here, chosen, form, {"what": here.sentence(error)}, status_of(error))
    complete = said.no_case or (officers and said.item and said.cause and said.party)
    told = {"done": len(chosen.segments), "like": segment[0], "missing": not complete}
    told |= {"person": person} if person else {}
    return RedirectResponse("/unlabelled?" + urlencode(told, safe=":"), SEE_OTHER)


def _listed(listing: Listing, segments: list[str]) -> list[str]:
    """Return the segments, each once, where the actor may list all of them."""
    wanted = list(dict.fromkeys(segments))
    for each in wanted:
        if not listing.may(each):
            raise UnknownSegmentError("segment_unknown", segment=each)
    return wanted


def _wider(
    site: Site,
    listing: Listing,
    wider: tuple[str | None, str | None],
    person: str | None,
) -> Response:
    """Lead on to the form of what belongs together and has no complete label yet."""
    ledger, (recording, docking) = site.desk.ledger, wider
    if recording:
        found = of_recording(ledger, _listed(listing, [recording])[0], SEGMENTS_LIMIT)
    else:
        found = of_docking(ledger, docking or "", SEGMENTS_LIMIT)
    bare = [each for each in found if listing.may(each) and not _is_complete(site, each)]
    chosen = Chosen(bare, person)
    return RedirectResponse(f"/label?{chosen.query}" if bare else "/unlabelled", SEE_OTHER)


def _is_complete(site: Site, segment: str) -> bool:
    held = label_of(site.desk.ledger, segment)
    return held is not None and held.complete


def _form_page(
    here: Visit,
    chosen: Chosen,
    form: LabelFields,
    mistakes: Mapping[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    site, listing = here.site, listing_for(here.site.desk, here.who.actor)
    footage = footage_of(site.desk.ledger, chosen.segments)
    register = listing.standing.register
    return here.page(
        "label.html",
        status,
        pieces=[piece_of(site, register, each) for each in chosen.segments],
        chosen=chosen,
        rows=refusals("label", over_footage(listing.standing, footage)),
        form=form,
        choices=choices(site.items, here.language),
        items=site.items.items.values(),
        sensitivities=SENSITIVITIES,
        no_cases=NO_CASE,
        parts=_parts(site, listing, chosen),
        history=_history(site, listing, chosen, here.language),
        mistakes=mistakes or {},
    )


def _parts(site: Site, listing: Listing, chosen: Chosen) -> int:
    """Return how many parts without a label the recording has; 0 where it is not offered."""
    if len(chosen.segments) != 1:
        return 0
    try:
        found = of_recording(site.desk.ledger, chosen.segments[0], SEGMENTS_LIMIT)
    except UsageError:  # too many for one act
        return 0
    return sum(listing.may(each) and not _is_complete(site, each) for each in found)


def _history(site: Site, listing: Listing, chosen: Chosen, language: str) -> list[Told]:
    """Return every label of one recording, newest first, in the words of then."""
    (segment, *others), ledger = chosen.segments, site.desk.ledger
    if others or not listing.may(segment, "see_label"):
        return []
    return [_told(site, each, language) for each in reversed(labels_of(ledger, segment))]


def _told(site: Site, entry: Entry, language: str) -> Told:
    ledger = site.desk.ledger
    facts = facts_of(ledger.statement(entry.seq))
    officers = facts.get("officers") if facts else None
    people = [str(each) for each in officers] if isinstance(officers, list) else []
    names = tuple(name_then(ledger, each, entry.seq) or each for each in people)
    by = name_then(ledger, entry.actor, entry.seq) or entry.actor
    return Told(entry, by, names, item_then(entry, site.items, language), facts)
