"""After a history: what lies there; what product, catalogue, audit and model say of it."""

from datetime import timedelta

from custody.candidates import wanted_of
from custody.kept import facts_of
from custody.past import Past
from custody.retention import keeping_of
from custody.shelf import read_shelf
from evidence.codec import format_time
from evidence.entry import Entry
from evidence.search import SegmentFilter
from tests.bureau.acts import word_of
from tests.fakes.house import SHANGHAI

OWN = frozenset({"disposing"})  # the very disposal that is asked for
ANEW = 8  # so many histories share one rebuild of the catalogue
PAGE = 1000  # rows of the catalogue
LATER = tuple(timedelta(days=days) for days in (0, 40, 300, 900))


def check(office, seed=0):
    """Compare everything; raises ``AssertionError`` where somebody disagrees.

    What costs most is done once in a few seeds: the catalogue is made anew and compared row by row,
    and is asked what it proposes for now or for later.
    """
    check_bytes(office)
    for step in LATER:
        check_verdicts(office, office.now + step)
    check_candidates(office, office.now + LATER[seed % len(LATER)])
    check_audit(office, anew=seed % ANEW == 0)


def check_bytes(office):
    """Hold what lies in the vault against the model: nothing early, nothing undead."""
    objects, here = office.house.objects, office.model.here()
    for name in here:
        content = b"".join(objects.read(name[2:], 0, 1 << 20))
        assert content == office.contents[name], f"{name} was destroyed early"
    gone = sorted(set(office.model.films) - set(here))
    staged = list((office.house.root / "vault" / "staging").iterdir())
    for name in gone:
        assert objects.size(name[2:]) is None, f"{name} is undead"
        assert not any(p.read_bytes() == office.contents[name] for p in staged), f"{name} is undead"
    keys = office.house.store._keys.keys(sorted(office.model.films))
    assert sorted(keys) == here, "a key is where it must not be, or is not where it must be"
    papers = office.house.store._statements._connection
    rows = papers.execute("SELECT lower(hex(sha256)) FROM statements WHERE sealed<>x''")
    full = {digest for (digest,) in rows}
    for entry in office.written(0, "segment.sealed", "segment.seen", "segment.labelled"):
        name = next(each for each in entry.about if each.startswith("s:"))
        film = office.model.films[name]
        if film.gone:
            assert entry.statement.sha256 not in full, f"the words about {name} are undead"
        elif film.seen[0].key <= entry.seq:
            told = office.house.store.statement(entry.seq)
            assert told is not None, f"the words about {name} were destroyed early"


def check_verdicts(office, now):
    """Ask the product and the rule of the audit about every film, and the model."""
    ledger, model = office.ledger, office.model
    shelf, past = read_shelf(ledger), Past(ledger)
    lawful, disposal = office.lawful, _approved(office)
    for name, film in model.films.items():
        if film.gone:
            word = word_of(lambda name=name: facts_of(past, name, shelf))
            assert word == "segment_disposed", f"{name} is gone, and something is said of it"
            continue
        wanted = model.verdict(name, now)
        found = keeping_of(facts_of(past, name, shelf), shelf, SHANGHAI, now)
        told = found.until, found.grace_until, {str(each.code) for each in found.blockers}
        assert told == (wanted.until, wanted.grace, wanted.codes), f"{name} at {now}"
        assert found.due(now) == wanted.due(now)
        if disposal is not None:
            again = set(lawful(_tombstone(office, now, disposal), name)) - {"time_unsaid"}
            assert again - {"kept"} == wanted.codes - OWN, f"the audit on {name} at {now}"
            assert (not again) == wanted.due(now, but=OWN), f"the audit on {name} at {now}"


def _approved(office):
    """Return a disposal that people agreed on, or None."""
    states = office.model.disposals.items()
    return next((key for key, each in states if each.undo is not None), None)


def _tombstone(office, now, disposal):
    """Return a tombstone that nobody writes: would it be lawful?"""
    body = {"now": format_time(now), "source": "attested", "disposal": disposal}
    about, seq = {disposal: None}, office.house.store.size
    return Entry("segment.disposed", "station-1", seq, now, "sys:keeper", about, None, body)


def check_candidates(office, now):
    """The catalogue lists what is in custody; of what may go it hides nothing."""
    office.house.project()
    listed = _pages(lambda after: _listed(office, after))
    assert sorted(listed) == office.model.here()
    over = {name for name in listed if _over(office.model.verdict(name, now), now)}
    due = set(office.model.due(now))
    assert due <= over <= set(listed)
    assert over <= _proposed(office, now, blocked=True) <= set(listed), f"over by {now}"
    assert due <= _proposed(office, now, blocked=False) <= set(listed), f"due by {now}"


def _over(verdict, now):
    return verdict.grace is not None and verdict.grace <= now


def _proposed(office, now, *, blocked):
    """Return what the catalogue proposes to be decided."""
    wanted = wanted_of(read_shelf(office.ledger), SHANGHAI, now, blocked=blocked)
    if wanted is None:
        return set()
    return set(_pages(lambda after: _candidates(office, wanted, after)))


def _candidates(office, wanted, after):
    page = office.reader.candidates(wanted, PAGE, after)
    return [f"s:{each}" for each in page.items], page.after


def _listed(office, after):
    page = office.reader.segments(SegmentFilter(), PAGE, after)
    return [f"s:{each.sha256}" for each in page.items], page.after


def _pages(ask):
    """Return what all pages hold."""
    found, after = ask(None)
    while after is not None:
        more, after = ask(after)
        found += more
    return found


def check_audit(office, *, anew):
    """The audit finds nothing, and counts what the model counts."""
    report = office.audit(anew=anew)
    found = [
        (str(each.code), each.entry, each.subject, dict(each.facts)) for each in report.findings
    ]
    assert not found, f"the audit found {found}"
    assert report.segments == len(office.model.here())
