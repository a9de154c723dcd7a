from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from custody import names
from custody.enrol import correct, enrol
from custody.names import PersonFacts, check_facts
from custody.register import read_register
from evidence.errors import CustodyError, MalformedError, UsageError
from evidence.people import ORGANISATION
from tests.fakes.desk import EAST, SQUAD, person, small_bureau

SHANGHAI = ZoneInfo("Asia/Shanghai")
LI = PersonFacts("李娜", "012345", "14070112345", date(2026, 12, 31), ("CAM-7", "CAM-7"))


@pytest.fixture
def bureau():
    return small_bureau()


@pytest.fixture
def li(bureau):
    return enrol(bureau.desk, bureau.actor("admin"), SQUAD, LI)


def register_of(bureau):
    return read_register(bureau.ledger)


def test_a_name_is_that_of_the_newest_statement(bureau, li):
    desk, admin = bureau.desk, bureau.actor("admin")
    told = names.person_facts(desk.ledger, register_of(bureau), li)
    assert told == check_facts(LI)
    assert told.aliases == ("CAM-7",)
    correct(desk, admin, li, EAST, PersonFacts("李娜娜", "012345"))
    assert names.person_name(desk.ledger, register_of(bureau), li) == "李娜娜"
    assert names.unit_name(desk.ledger, register_of(bureau), EAST) == EAST[:6]


def test_a_history_calls_people_by_the_name_that_they_had_then(bureau, li):
    first = bureau.ledger.last(ORGANISATION)
    correct(bureau.desk, bureau.actor("admin"), li, EAST, PersonFacts("李娜娜", "012345"))
    then = [names.name_then(bureau.ledger, li, entry) for entry in (0, first, first + 1)]
    assert then == [None, "李娜", "李娜娜"]
    bureau.ledger.statements.clear()
    assert names.name_then(bureau.ledger, li, first) is None


def test_nobody_has_a_name_who_is_unknown_or_whose_key_is_destroyed(bureau, li):
    ledger, register = bureau.ledger, register_of(bureau)
    assert names.person_name(ledger, register, person("nobody")) is None
    assert names.unit_name(ledger, register, "u:" + "7" * 32) is None
    ledger.statements.clear()
    assert names.person_facts(ledger, register, li) is None
    assert names.unit_name(ledger, register, EAST) is None
    moment = datetime(2030, 1, 1, tzinfo=UTC)
    assert not names.certificate_expired(ledger, li, moment, SHANGHAI)


@pytest.mark.parametrize("wanted", ["李娜", "012345", "CAM-7"])
def test_somebody_is_found_by_name_number_and_alias(bureau, li, wanted):
    assert names.find_person(bureau.ledger, register_of(bureau), wanted) == li


def test_somebody_is_found_by_their_id_and_its_start(bureau, li):
    ledger, register = bureau.ledger, register_of(bureau)
    for wanted in (li, li[:10], li[2:10]):
        assert names.find_person(ledger, register, wanted) == li
    assert names.find_unit(ledger, register, SQUAD[2:]) == SQUAD
    assert names.find_unit(ledger, register, SQUAD[:6]) == SQUAD  # its name in this bureau
    assert names.find_unit(ledger, register, ".") == ORGANISATION


def test_nobody_is_guessed(bureau):
    ledger, register = bureau.ledger, register_of(bureau)
    with pytest.raises(CustodyError, match="person_unknown"):
        names.find_person(ledger, register, "王五")
    with pytest.raises(CustodyError, match="person_ambiguous"):
        names.find_person(ledger, register, "000004")  # three people of four letters
    with pytest.raises(CustodyError, match="unit_unknown"):
        names.find_unit(ledger, register, "u:")


def test_the_number_of_who_left_may_be_given_to_a_successor(bureau, li):
    desk, admin = bureau.desk, bureau.actor("admin")
    with pytest.raises(CustodyError, match="number_taken"):
        enrol(desk, admin, EAST, PersonFacts("王五", "CAM-7"))
    bureau.write("person.suspended", (ORGANISATION, li), {"person": li}, {"reason": "x"}, of=li)
    successor = enrol(desk, admin, EAST, PersonFacts("王五", "012345"))
    assert names.find_person(desk.ledger, register_of(bureau), "012345") == successor


def test_a_person_without_numbers_takes_nobodys(bureau):
    first = enrol(bureau.desk, bureau.actor("admin"), EAST, PersonFacts("甲"))
    assert enrol(bureau.desk, bureau.actor("admin"), EAST, PersonFacts("乙")) != first


def test_a_destroyed_name_takes_no_number(bureau, li):
    bureau.ledger.statements.clear()
    assert not names.number_taken(bureau.ledger, register_of(bureau), LI, person("nobody"))
    assert li in register_of(bureau).people


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        (PersonFacts(""), "name_unusable"),
        (PersonFacts("x" * 101), "name_unusable"),
        (PersonFacts("李\x1b[2J"), "name_unusable"),
        (PersonFacts("李\u202e"), "name_unusable"),
        (PersonFacts("李", "1 2"), "number_unusable"),
        (PersonFacts("李", "1" * 33), "number_unusable"),
        (PersonFacts("李", "1", "证"), "number_unusable"),
        (PersonFacts("李", "1", None, None, ("",)), "aliases_unusable"),
        (PersonFacts("李", "1", None, None, tuple("abcdefghijklmnopq")), "aliases_unusable"),
        (PersonFacts("李", "1", None, date(2026, 1, 1)), "certificate_missing"),
    ],
)
def test_facts_that_could_not_be_shown_or_found_are_refused_without_being_told(facts, word):
    with pytest.raises(UsageError, match=word) as refused:
        check_facts(facts)
    assert set(refused.value.facts) <= {"limit"}


def test_a_certificate_is_judged_by_what_was_known_at_record_time(bureau, li):
    desk, admin = bureau.desk, bureau.actor("admin")
    last = datetime(2026, 12, 31, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    expired = names.certificate_expired
    assert not expired(desk.ledger, li, last, SHANGHAI)
    assert expired(desk.ledger, li, last + timedelta(minutes=1), SHANGHAI)
    bureau.clock.forward(days=60)
    correct(desk, admin_now(bureau), li, SQUAD, renewed())
    assert expired(desk.ledger, li, last + timedelta(days=5), SHANGHAI)  # before the renewal
    assert not expired(desk.ledger, li, bureau.now, SHANGHAI)
    assert not expired(desk.ledger, li, datetime(2020, 1, 1, tzinfo=UTC), SHANGHAI)
    assert not expired(desk.ledger, person("nobody"), bureau.now, SHANGHAI)
    assert not expired(desk.ledger, person("officer"), bureau.now, SHANGHAI)
    assert admin.id == admin_now(bureau).id


def admin_now(bureau):
    return bureau.actor("admin")


def renewed():
    return PersonFacts("李娜", "012345", "14070112345", date(2027, 12, 31))


def test_a_day_that_is_none_is_refused(bureau):
    who = person("mate")
    facts = {"name": "x", "number": "1", "certificate": "2", "certificate_until": "soon"}
    body = {"person": who, "unit": EAST}
    about = (ORGANISATION, who, EAST)
    bureau.write("person.corrected", about, body, {**facts, "aliases": []}, of=who)
    with pytest.raises(MalformedError):
        names.person_name(bureau.ledger, register_of(bureau), who)
