"""The ledger as it was: what many segments have in common is read once."""

from datetime import timedelta

from custody.past import Past
from evidence.people import ORGANISATION
from tests.fakes.desk import EAST
from tests.fakes.kept import ready


class Counting:
    """A ledger that counts what is read of it."""

    def __init__(self, ledger):
        self.ledger, self.read = ledger, 0

    def last(self, subject):
        return self.ledger.last(subject)

    def pseudonym(self, kind, text):
        return self.ledger.pseudonym(kind, text)

    def entry(self, index):
        self.read += 1
        return self.ledger.entry(index)


def test_one_entry_later_it_shows_one_more_and_reads_nothing_again():
    years, segment = ready()
    ledger, size = Counting(years.ledger), len(years.ledger.leaves)
    recorder = years.bureau.recorder()
    past = Past(ledger, size - 1)
    told = past.lineage, past.tenure(recorder), past.docked(years.docking, years.inventory)
    before, label = [each.type for each in past.chain(segment)], years.ledger.last(segment)
    ledger.read = 0
    later = past.before_next()
    again = later.lineage, later.tenure(recorder), later.docked(years.docking, years.inventory)
    assert ledger.read == 0
    assert again == told
    assert [each.type for each in later.chain(segment)] == ["segment.labelled", *before]
    assert label == size - 1


def test_the_whole_ledger_has_no_later_one():
    years, _ = ready()
    assert Past(years.ledger).before_next().before is None


def test_what_is_asked_of_another_moment_is_read_anew():
    years, _ = ready()
    old = Past(years.ledger, years.ledger.last(ORGANISATION))
    assert EAST in old.lineage.above(EAST, years.now - timedelta(days=1))
    assert list(old.chain(ORGANISATION)) != list(Past(years.ledger).chain(ORGANISATION))
