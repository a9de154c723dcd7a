"""A code is good once, for a day, for one person; a password is theirs alone."""

import pytest

from custody.enrolment import (
    PASSWORD_LEAST,
    PASSWORD_MOST,
    change_password,
    check_password,
    enrol_with_code,
    give_code,
    issue_code,
)
from custody.entrance import KeyAsked
from custody.lockout import TRIES
from custody.sessions import resume
from custody.sign_in import sign_in_with_key
from evidence.codec import format_time
from evidence.errors import (
    ConflictError,
    CustodyError,
    LedgerUnavailableError,
    NotSignedInError,
    RefusedError,
    UsageError,
)
from evidence.people import ORGANISATION
from tests.fakes.desk import person
from tests.unit.custody.door import HALLWAY, OFFICE, PHRASE, a_door

NEW = "entirely different words"


@pytest.fixture
def door():
    return a_door()


def code_for(door, name="mate", account=None):
    return issue_code(door.entrance, person(name), account or name)


def enrol(door, code, password=NEW, came=OFFICE):
    return enrol_with_code(door.entrance, code, password, came)


def refused(word, call, *args, **kwargs):
    with pytest.raises((NotSignedInError, UsageError, ConflictError)) as told:
        call(*args, **kwargs)
    assert told.value.word == word


def test_a_code_sets_a_password_and_signs_in(door):
    inside = enrol(door, code_for(door).text)
    assert (inside.actor.id, inside.session.by) == (person("mate"), "code")
    assert door.enter("mate", NEW).actor.id == person("mate")
    assert door.told("password.changed") == [{"outcome": "changed"}]
    assert [body["by"] for body in door.told("session.opened")] == ["code", "password"]


def given(door, by="admin", name="mate", account=None):
    return give_code(door.entrance, door.bureau.actor(by), person(name), account)


def test_who_hands_a_code_to_whom_is_an_entry_without_the_code(door):
    first = given(door)
    (entry,) = door.bureau.house.entries("code.given")
    assert (first.entry, entry.actor) == (entry.seq, person("admin"))
    assert entry.body.keys() == {"person", "until"}
    assert (entry.body["person"], ORGANISATION in entry.about) == (person("mate"), True)
    assert entry.body["until"] == format_time(first.code.until)
    letters = first.code.text.replace("-", "")
    assert letters not in str(door.bureau.house.entries()).replace("-", "")
    assert enrol(door, first.code.text).actor.id == person("mate")


def test_a_code_is_for_the_account_that_one_has_else_for_number_or_name(door):
    assert given(door, name="head").account == "head"
    assert given(door).account == "000004", "the number of the small bureau"
    assert given(door, account="other").account == "other"
    door.bureau.ledger.statements.clear()
    assert given(door, name="leader").account == person("leader")


@pytest.mark.parametrize("by", ["head", "inspector", "mate"])
def test_a_code_is_handed_out_by_an_administrator_alone(door, by):
    with pytest.raises(RefusedError):
        given(door, by)
    assert door.bureau.house.entries("code.given") == []


def test_nobody_who_is_suspended_gets_a_code_and_no_account_of_somebody_else_is_given(door):
    refused("account_taken", given, door, account="head")
    door.bureau.suspend("mate")
    with pytest.raises(CustodyError, match="person_is_suspended"):
        given(door)
    assert door.bureau.house.entries("code.given") == []


def test_no_code_is_worth_anything_before_its_entry_is_written(door):
    before = given(door)

    def down(drafts):
        raise LedgerUnavailableError("ledger_down", drafts=len(drafts))

    door.bureau.ledger.append = down
    with pytest.raises(LedgerUnavailableError):
        given(door)
    del door.bureau.ledger.append
    assert enrol(door, before.code.text), "the one before is good still: no other was made"


def test_a_changed_password_alone_is_no_proof_of_who_has_a_key(door):
    inside = door.enter("head")
    door.login_key("head")
    door.forward(minutes=10)
    changed = change_password(door.entrance, inside.token, PHRASE, NEW, OFFICE)
    assert changed.token != inside.token
    assert changed.actor.proved_at == inside.actor.proved_at, "the key was not asked"


def test_a_code_can_be_typed_from_paper(door):
    code = code_for(door).text
    assert len(code) == 23
    groups = code.lower().replace("0", "o").replace("1", "l").split("-")
    assert enrol(door, "  ".join(groups))


def test_codes_are_many(door):
    codes = {code_for(door).text for _ in range(50)}
    assert len(codes) == 50
    assert not set("".join(codes)) & set("ILOU")


def test_a_code_is_good_once(door):
    code = code_for(door).text
    enrol(door, code)
    refused("code_wrong", enrol, door, code, "words of somebody else")
    assert door.enter("mate", NEW)


def test_a_code_is_good_for_a_day(door):
    code = code_for(door)
    assert (code.until - door.bureau.now).total_seconds() == 24 * 3600
    door.forward(hours=24)
    refused("code_wrong", enrol, door, code.text)


def test_a_newer_code_makes_the_older_one_void(door):
    older, newer = code_for(door).text, code_for(door).text
    refused("code_wrong", enrol, door, older)
    assert enrol(door, newer)


def test_a_code_is_kept_as_its_digest(door):
    code = code_for(door).text
    assert code.replace("-", "") not in str(vars(door.accounts.tickets))


@pytest.mark.parametrize("code", ["", "-----", "A" * 20, "\udc00", "x" * 100_000])
def test_what_is_no_code_is_refused(door, code):
    code_for(door)
    refused("code_wrong", enrol, door, code)


def test_who_tries_codes_waits(door):
    code = code_for(door).text
    for _ in range(TRIES):
        refused("code_wrong", enrol, door, "A" * 20, came=HALLWAY)
    refused("sign_in_locked", enrol, door, code, came=HALLWAY)
    assert enrol(door, code, came=OFFICE)


def test_a_weak_password_leaves_the_code_as_it_is(door):
    code = code_for(door).text
    refused("password_short", enrol, door, code, "short")
    assert enrol(door, code)


def test_a_code_for_who_is_suspended_or_unknown_is_none(door):
    code = code_for(door).text
    door.bureau.suspend("mate")
    refused("code_wrong", enrol, door, code)
    refused("code_wrong", enrol, door, code_for(door, "stranger").text)


def test_a_code_is_made_before_its_person_is_enrolled(door):
    code = code_for(door, "newcomer").text
    door.bureau.enrol("newcomer", "u:" + "0" * 32)
    assert enrol(door, code).actor.id == person("newcomer")


def test_nobody_gets_the_account_of_somebody_else(door):
    refused("account_taken", code_for, door, "mate", "Officer")
    refused("account_unusable", code_for, door, "mate", "\x00")


def test_a_code_replaces_a_forgotten_password_and_ends_all_sessions(door):
    inside = door.enter("officer")
    assert enrol(door, code_for(door, "officer").text)
    refused("not_signed_in", resume, door.entrance, inside.token)
    refused("sign_in_wrong", door.enter, "officer", PHRASE)
    assert door.ends() == ["password_changed"]


def test_a_code_in_the_hands_of_an_administrator_is_not_the_head_s_key(door):
    device = door.login_key("head")
    asked = enrol(door, code_for(door, "head").text)
    assert isinstance(asked, KeyAsked)
    assert door.told("session.opened") == []
    assert sign_in_with_key(door.entrance, asked.challenge, door.answer(device, asked), OFFICE)


def changed(door, token, old=PHRASE, new=NEW):
    return change_password(door.entrance, token, old, new, OFFICE)


def test_a_changed_password_ends_every_other_session_and_renews_this_one(door):
    other, inside = door.enter("officer"), door.enter("officer")
    again = changed(door, inside.token)
    for token in (other.token, inside.token):
        refused("not_signed_in", resume, door.entrance, token)
    assert resume(door.entrance, again.token).session.name == inside.session.name
    refused("sign_in_wrong", door.enter, "officer", PHRASE)
    assert door.enter("officer", NEW)
    assert door.told("password.changed") == [{"outcome": "changed"}]


def test_a_password_is_changed_by_who_knows_it(door):
    inside = door.enter("officer")
    refused("sign_in_wrong", changed, door, inside.token, "not the old one at all")
    assert door.told("password.changed") == [{"outcome": "refused"}]
    refused("not_signed_in", changed, door, "no token")
    refused("password_short", changed, door, inside.token, PHRASE, "short")
    assert door.enter("officer", PHRASE)


def test_guessing_the_old_password_is_guessing(door):
    inside = door.enter("officer")
    for _ in range(TRIES):
        refused("sign_in_wrong", changed, door, inside.token, "not the old one at all")
    refused("sign_in_locked", changed, door, inside.token)


def test_who_has_no_password_has_none_to_change(door):
    inside = door.enter("officer")
    door.accounts.passwords.by_person.clear()
    refused("sign_in_wrong", changed, door, inside.token)


@pytest.mark.parametrize(
    "password",
    ["abcdefghijklmno", "天地玄黄宇宙洪荒日月盈昃辰宿列张", PHRASE, "x1" * 60 + "correct!"],
)
def test_long_passwords_of_every_kind_are_taken(password):
    check_password(password)


@pytest.mark.parametrize(
    ("word", "password"),
    [
        ("password_short", "abcdefghijklmn"),
        ("password_short", "e\u0301" * (PASSWORD_LEAST - 1)),
        ("password_long", "correct horse " * 10),
        ("password_simple", "aaaaaaaaaaaaaaaaaaaa"),
        ("password_simple", "AaBbAaBbAaBbAaBbAaBb"),
        ("password_simple", "correct horse\x00 battery"),
        ("password_simple", "correct horse\udc00 battery"),
    ],
)
def test_passwords_that_are_guessed_too_easily_are_refused(word, password):
    assert PASSWORD_MOST == 128
    refused(word, check_password, password)
