"""Guessing is slow, waiting ends, and nobody fills the ledger by failing."""

import pytest

from custody.entrance import Came
from custody.lockout import DELAY_LIMIT_S, FREE, LINES_LIMIT, TRIES, report_failures
from custody.register import founded
from custody.sign_in import sign_in_with_key
from evidence.errors import ConflictError, NotSignedInError, ProofError
from evidence.people import ORGANISATION
from tests.fakes.accounts import MemoryAccounts
from tests.fakes.desk import MemoryHouse, open_home, person
from tests.tools.authenticator import PRESENT
from tests.unit.custody.door import HALLWAY, OFFICE, PHRASE, Door, a_door

WRONG = "not the words of anybody"


@pytest.fixture
def door():
    return a_door()


def fail(door, times, name="head", came=HALLWAY):
    for _ in range(times):
        with pytest.raises(NotSignedInError, match="sign_in_wrong"):
            door.enter(name, WRONG, came)


def locked(door, name="head", came=HALLWAY, password=PHRASE):
    with pytest.raises(NotSignedInError, match="sign_in_locked"):
        door.enter(name, password, came)


def test_after_five_failures_the_right_password_does_not_help(door):
    fail(door, TRIES)
    checks = door.accounts.passwords.checks
    locked(door)
    assert door.accounts.passwords.checks == checks, "and costs no hash"


def test_a_name_that_nobody_has_is_locked_just_so(door):
    fail(door, TRIES, "stranger")
    locked(door, "stranger")


def test_the_lock_is_for_one_account_from_one_address(door):
    fail(door, TRIES)
    assert door.enter("head", came=OFFICE), "the head is not locked out by somebody elsewhere"
    assert door.enter("officer", came=HALLWAY)


def test_the_lock_ends_also_for_who_knocks_on(door):
    fail(door, TRIES)
    for _ in range(16):
        door.forward(minutes=1)
        if door.clock.monotonic() < 15 * 60:
            locked(door)
    assert door.enter("head", came=HALLWAY)


def test_who_gets_in_begins_to_count_anew(door):
    fail(door, TRIES - 1)
    door.enter("head", came=HALLWAY)
    fail(door, TRIES - 1)
    assert door.enter("head", came=HALLWAY)


def test_of_many_who_guess_at_once_none_gets_through_after_the_fifth(door):
    fail(door, TRIES - 1)
    true_check = door.accounts.passwords.check

    def check(account, password):
        """While this one is being computed, another one fails."""
        door.accounts.passwords.check = true_check
        fail(door, 1)
        return true_check(account, password)

    door.accounts.passwords.check = check
    locked(door)
    assert door.told("session.opened") == []


def from_everywhere(door, times, name="head"):
    """Guess from another address each time, as fast as it goes."""
    done = 0
    while done < times:
        with pytest.raises(NotSignedInError) as told:
            door.enter(name, WRONG, Came(f"10.1.0.{done}"))
        door.forward(seconds=told.value.facts.get("seconds", 0))
        done += told.value.word == "sign_in_wrong"


def test_many_failures_from_everywhere_make_an_account_slow(door):
    from_everywhere(door, FREE + 4)
    with pytest.raises(NotSignedInError, match="sign_in_delayed") as told:
        door.enter("head", came=OFFICE)
    assert told.value.facts == {"seconds": 17}
    door.forward(seconds=16)
    assert door.enter("head", came=OFFICE)


def test_the_delay_grows_and_has_an_end(door):
    from_everywhere(door, FREE + 12)
    with pytest.raises(NotSignedInError) as told:
        door.enter("head", came=OFFICE)
    assert told.value.facts["seconds"] == DELAY_LIMIT_S + 1
    door.forward(seconds=DELAY_LIMIT_S)
    assert door.enter("head", came=OFFICE)


def test_nobody_slows_the_head_down_where_the_head_has_signed_in_before(door):
    door.enter("head", came=OFFICE)
    from_everywhere(door, FREE + 8)
    assert door.enter("head", came=OFFICE)


def test_an_hour_later_all_is_as_before(door):
    from_everywhere(door, FREE + 4)
    door.forward(hours=1, minutes=1)
    assert door.enter("head", came=OFFICE)


# In the ledger


def entries(door):
    return door.bureau.house.entries("sign_in.failed")


def test_failures_become_one_entry_when_their_minute_is_over(door):
    fail(door, TRIES)
    locked(door)
    fail(door, 1, "stranger", OFFICE)
    assert report_failures(door.entrance) is None
    door.forward(minutes=1)
    index = report_failures(door.entrance)
    (entry,) = entries(door)
    assert entry.seq == index
    assert (entry.actor, list(entry.about)) == ("sys:local", [ORGANISATION])
    body = dict(entry.body)
    assert body.pop("roll")["count"] == 2
    assert body == {
        "count": 7,
        "since": "2026-11-22T04:00:00.000Z",
        "until": "2026-11-22T04:01:00.000Z",
        "because": [{"word": "locked", "count": 1}, {"word": "wrong", "count": 6}],
    }
    lines = door.bureau.ledger.statement(index).lines
    told = [{name: line[name] for name in ("account", "address", "count")} for line in lines]
    assert told == [
        {"account": person("head"), "address": HALLWAY.address, "count": 6},
        {"account": None, "address": OFFICE.address, "count": 1},
    ]
    assert report_failures(door.entrance) is None


def test_a_name_that_somebody_typed_is_nowhere_in_the_ledger(door):
    fail(door, 1, PHRASE)  # a password in the wrong field
    door.forward(minutes=1)
    index = report_failures(door.entrance)
    assert PHRASE not in str(door.bureau.ledger.statement(index))


def test_a_flood_is_one_entry_with_its_worst_named(door):
    for number in range(LINES_LIMIT + 50):
        fail(door, 1, f"stranger {number}", Came(f"10.3.{number // 100}.{number % 100}"))
    fail(door, 3, "head", HALLWAY)
    door.forward(minutes=1)
    report_failures(door.entrance)
    (entry,) = entries(door)
    lines = door.bureau.ledger.statement(entry.seq).lines
    assert len(lines) == LINES_LIMIT
    assert (lines[0]["account"], lines[0]["count"]) == (person("head"), 3)
    assert (lines[-1]["account"], lines[-1]["address"]) == (None, None)
    assert sum(line["count"] for line in lines) == entry.body["count"] == LINES_LIMIT + 53


def test_whoever_signs_in_writes_down_what_failed_before(door):
    fail(door, 1)
    door.forward(minutes=1)
    door.enter("officer")
    assert [entry.body["count"] for entry in entries(door)] == [1]


def test_of_two_who_report_at_once_one_writes(door):
    fail(door, 1)
    door.forward(minutes=1)
    true_append = door.bureau.ledger.append

    def append(_drafts):
        raise ConflictError("ledger_moved_on", subject=ORGANISATION)

    door.bureau.ledger.append = append
    assert report_failures(door.entrance) is None
    door.bureau.ledger.append = true_append
    assert report_failures(door.entrance) is not None
    assert len(entries(door)) == 1


def test_what_a_key_refuses_is_counted_too(door):
    device = door.login_key("head")
    for _ in range(TRIES):
        asked = door.enter("head")
        wrong = door.answer(device, asked, flags=PRESENT)
        with pytest.raises(ProofError):
            sign_in_with_key(door.entrance, asked.challenge, wrong, OFFICE)
    locked(door, came=OFFICE)
    door.forward(minutes=1)
    report_failures(door.entrance)
    words = {each["word"]: each["count"] for each in entries(door)[0].body["because"]}
    assert words == {"key": TRIES, "locked": 1}


def test_a_guess_at_a_suspended_account_is_told_as_such(door):
    door.bureau.suspend("head")
    fail(door, 1, "head")
    with pytest.raises(NotSignedInError, match="sign_in_wrong"):
        door.enter("head")
    door.forward(minutes=1)
    report_failures(door.entrance)
    words = {each["word"] for each in entries(door)[0].body["because"]}
    assert words == {"wrong", "suspended"}


def test_an_attack_that_goes_on_writes_ever_fewer_entries_and_hides_no_failure(door):
    for minute in range(2 * 60):
        fail(door, 1, f"stranger {minute}", Came(f"10.4.{minute % 8}.1"))
        door.forward(minutes=1)
        report_failures(door.entrance)
    assert len(entries(door)) <= 7
    door.forward(hours=1)
    report_failures(door.entrance)
    assert sum(entry.body["count"] for entry in entries(door)) == 2 * 60


def test_after_an_act_of_the_organisation_failures_are_told_at_once_again(door):
    for name in ("officer", "head"):
        fail(door, 1, name)
        door.forward(minutes=1)
        assert report_failures(door.entrance) is not None
        door.bureau.revoke_key("head")


def test_no_failure_founds_an_open_home():
    door = Door(open_home(MemoryHouse()), MemoryAccounts())
    fail(door, 1, "stranger")
    door.forward(minutes=1)
    assert report_failures(door.entrance) is None
    assert not founded(door.bureau.ledger)
