"""What can be made again, as the audit hears of it: the catalogue above all."""

from tests.unit.custody.shift import started, whole_shift


def test_an_entry_that_no_catalogue_can_show_is_named():
    shift = whole_shift()
    unreadable = [{"entry": 3, "field": "statement.path"}]
    report = shift.audit(sources=shift.sources(catalogue=lambda: unreadable))
    told = [(str(each.code), each.entry, each.facts) for each in report.findings]
    assert told == [("body_malformed", 3, {"field": "statement.path"})]
    assert report.verdicts["intact"] == "no"


def test_an_entry_that_was_named_already_is_not_named_twice():
    shift = started()
    shift.seal(1, slices=None)
    unreadable = [{"entry": len(shift.book.leaves) - 1, "field": "sighting"}]
    report = shift.audit(sources=shift.sources(catalogue=lambda: unreadable))
    told = [each.facts for each in report.findings if each.code == "body_malformed"]
    assert told == [{"field": "slices"}]
