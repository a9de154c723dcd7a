from datetime import timedelta

from custody.audit import Sources, audit
from custody.conduct import LONGEST_LOOK
from custody.findings import AuditFinding, Verdict
from custody.holdings import Level
from evidence.codec import format_time
from evidence.errors import VaultUnavailableError
from evidence.people import ORGANISATION
from tests.fakes.objects import MemoryObjects
from tests.unit.custody.book import KEY, START, Book

RULES, OTHERS = "ab" * 32, "cd" * 32
HEAD = "p:" + "1" * 32
QUESTION = "q:" + "2" * 32
GRANT = "g:" + "3" * 32


class Days(Book):
    """A ledger in which people act, entry by entry, as no writer of ours need have written it."""

    counting = None

    def adopt(self, sha256=RULES, rules="access"):
        body = {"rules": rules, "name": "a", "version": "1", "sha256": sha256}
        return self.write("rules.adopted", body, (ORGANISATION,))

    def decide(self, **body):
        return self.write("request.decided", body, (HEAD, QUESTION))

    def look(self):
        """Open a look that follows the last entry about its grant."""
        body = {"grant": GRANT, "use": 1, "spans": [], "where": "cli"}
        return self.write("copy.opened", body, (GRANT, HEAD))

    def end(self, opened):
        body = {"grant": GRANT, "opened": opened, "bytes": 0, "spans": [], "how": "complete"}
        return self.write("copy.closed", body, (GRANT, HEAD))

    def audit(self, **options):
        self.publish()
        sources = Sources(self.tiles, KEY, MemoryObjects(), counting=self.counting)
        return audit(sources, Level.DIGEST, **options)

    def named(self, code, **options):
        return [each.entry for each in self.audit(**options).findings if each.code == code]


UNADOPTED = "rules_unadopted"


def test_a_decision_under_the_adopted_rules_is_found_clean():
    book = Days()
    book.adopt()
    book.decide(rules=RULES)
    book.adopt(OTHERS, "items")
    book.decide(rules=RULES)
    assert book.audit().clean


def test_a_decision_before_any_rules_were_adopted_is_named():
    book = Days()
    first, second = book.decide(rules=RULES), book.decide()
    book.adopt(rules="items")
    third = book.decide(rules=RULES)
    assert book.named(UNADOPTED) == [first, second, third]
    book.adopt()
    book.decide(rules=RULES)
    assert book.named(UNADOPTED) == [first, second, third]


def test_a_decision_under_other_rules_than_the_adopted_ones_is_named_with_both():
    book = Days()
    book.adopt()
    index = book.decide(rules=OTHERS)
    (found,) = book.audit().findings
    assert (found.code, found.entry) == (UNADOPTED, index)
    assert found.facts == {"rules": OTHERS, "adopted": RULES}
    book.adopt(OTHERS)
    late = book.decide(rules=RULES)
    assert book.named(UNADOPTED) == [index, late]


def test_a_decision_from_before_the_field_is_judged_by_what_was_adopted():
    book = Days()
    book.adopt()
    book.decide()
    assert book.audit().clean


def test_a_decision_under_unadopted_rules_damages_no_evidence():
    book = Days()
    book.decide(rules=RULES)
    assert book.audit().verdicts["intact"] is Verdict.YES


def test_behind_entries_that_cannot_be_read_nobody_is_accused():
    book = Days()
    for _ in range(300):
        book.write("alarm.raised", {"alarm": "a", "facts": {}})
    book.decide(rules=RULES)
    book.adopt()
    late = book.decide(rules=OTHERS)
    book.publish()
    del book.files["tile/entries/000"]
    assert book.named(UNADOPTED) == [late]


def test_an_adoption_without_its_form_is_named_and_adopts_nothing():
    book = Days()
    wrong = book.adopt("xy")
    index = book.decide(rules="xy")
    assert book.named(AuditFinding.BODY_MALFORMED) == [wrong]
    assert book.named(UNADOPTED) == [index]


LATE = START + LONGEST_LOOK + timedelta(minutes=1)


def test_a_look_without_an_end_is_named_once_it_is_older_than_any():
    book = Days()
    first = book.look()
    book.end(first)
    lost = book.look()
    began = book.at
    book.write("alarm.raised", {"alarm": "a", "facts": {}}, (GRANT,))
    assert book.named("look_open", now=began + LONGEST_LOOK) == []
    report = book.audit(now=LATE)
    (found,) = report.findings
    assert (found.code, found.entry, found.subject) == ("look_open", lost, GRANT)
    assert found.facts == {"opened": format_time(began)}
    assert report.verdicts["intact"] is Verdict.YES


def test_without_a_clock_the_last_entry_says_how_late_it_is():
    book = Days()
    lost = book.look()
    assert book.named("look_open") == []
    book.write("alarm.raised", {"alarm": "a", "facts": {}}, at=LATE)
    assert book.named("look_open") == [lost]


def test_a_look_that_is_being_counted_is_running_however_old_it_is():
    book = Days()
    before = book.write("alarm.raised", {"alarm": "a", "facts": {}}, (GRANT,))
    lost = book.look()
    book.counting = lambda: {(GRANT, before)}
    assert book.named("look_open", now=LATE) == []
    book.counting = lambda: {(GRANT, lost), ("g:" + "4" * 32, before)}
    assert book.named("look_open", now=LATE) == [lost]


def test_what_runs_and_cannot_be_told_excuses_nobody():
    def unreadable():
        raise VaultUnavailableError("vault_io", path="x", because="EACCES")

    book = Days()
    lost = book.look()
    book.counting = unreadable
    assert book.named("look_open", now=LATE) == [lost]


def test_behind_entries_that_cannot_be_read_no_look_is_called_open():
    book = Days()
    book.look()
    for _ in range(300):
        book.write("alarm.raised", {"alarm": "a", "facts": {}})
    book.publish()
    kept = book.files.pop("tile/entries/000")
    assert book.named("look_open", now=LATE) == []
    book.files["tile/entries/000"] = kept
    assert len(book.named("look_open", now=LATE)) == 1
