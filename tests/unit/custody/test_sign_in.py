"""Signing in: by password, by password and key; what is wrong is never told more exactly."""

from dataclasses import replace

import pytest

from custody.entrance import KeyAsked, SignedIn
from custody.sessions import resume
from custody.sign_in import sign_in_with_key, step_up, step_up_with_key
from evidence.errors import NotSignedInError, ProofError
from tests.fakes.desk import person
from tests.tools.authenticator import PRESENT, Authenticator
from tests.unit.custody.door import HALLWAY, LOGIN, LOGIN_ORIGIN, OFFICE, PHRASE, a_door


@pytest.fixture
def door():
    return a_door()


def refused(word, call, *args, **kwargs):
    with pytest.raises((NotSignedInError, ProofError)) as told:
        call(*args, **kwargs)
    assert told.value.word == word


def test_a_password_is_enough_where_there_is_no_key(door):
    inside = door.enter("officer")
    assert isinstance(inside, SignedIn)
    assert inside.session.by == "password"


@pytest.mark.parametrize("typed", ["officer", " Officer ", "ＯＦＦＩＣＥＲ"])
def test_an_account_is_found_as_people_type_it(door, typed):
    assert door.enter(typed).actor.id == person("officer")


def test_a_password_is_found_as_keyboards_write_it(door):
    door.give("officer", "caf\u00e9 and four words")
    assert door.enter("officer", "cafe\u0301 and four words")


@pytest.mark.parametrize(
    ("account", "password"),
    [
        ("officer", "something else entirely"),
        ("officer", ""),
        ("officer", PHRASE + "\udc00"),
        ("stranger", PHRASE),
        ("", PHRASE),
        ("off\nicer", PHRASE),
        ("x" * 65, PHRASE),
    ],
)
def test_nobody_learns_what_was_wrong(door, account, password):
    refused("sign_in_wrong", door.enter, account, password)
    assert door.told("session.opened") == []


def test_a_suspended_person_learns_no_more_than_a_stranger(door):
    door.bureau.suspend("officer")
    refused("sign_in_wrong", door.enter, "officer")
    assert door.accounts.passwords.checks == 1, "and it took as long"


def test_a_name_that_nobody_has_costs_a_check_too(door):
    refused("sign_in_wrong", door.enter, "stranger")
    assert door.accounts.passwords.checks == 1


def test_too_many_at_once_is_no_failure_of_theirs(door):
    door.accounts.passwords.busy = True
    for _ in range(10):
        refused("sign_in_busy", door.enter, "officer")
    door.accounts.passwords.busy = False
    assert door.enter("officer")


# With a key


def test_who_has_a_key_needs_it_too(door):
    device = door.login_key("head")
    asked = door.enter("head")
    assert isinstance(asked, KeyAsked)
    assert (asked.credentials, asked.rp) == ((device.credential,), LOGIN)
    assert door.told("session.opened") == []
    inside = sign_in_with_key(door.entrance, asked.challenge, door.answer(device, asked), OFFICE)
    assert (inside.session.by, inside.actor.id) == ("key", person("head"))


def test_an_answer_is_good_once(door):
    device = door.login_key("head")
    asked = door.enter("head")
    answer = door.answer(device, asked)
    sign_in_with_key(door.entrance, asked.challenge, answer, OFFICE)
    refused("challenge_over", sign_in_with_key, door.entrance, asked.challenge, answer, OFFICE)


def test_a_wrong_answer_uses_the_question_up(door):
    device = door.login_key("head")
    asked = door.enter("head")
    wrong = door.answer(device, asked, flags=PRESENT)
    entrance = door.entrance
    refused("assertion_verified", sign_in_with_key, entrance, asked.challenge, wrong, OFFICE)
    right = door.answer(device, asked)
    refused("challenge_over", sign_in_with_key, entrance, asked.challenge, right, OFFICE)


def test_a_question_is_good_for_five_minutes(door):
    device = door.login_key("head")
    asked = door.enter("head")
    door.forward(minutes=5)
    answer = door.answer(device, asked)
    refused("challenge_over", sign_in_with_key, door.entrance, asked.challenge, answer, OFFICE)


def test_an_answer_to_an_older_question_is_no_answer_to_a_newer_one(door):
    device = door.login_key("head")
    older, newer = door.enter("head"), door.enter("head")
    replayed = door.answer(device, older)
    refused(
        "assertion_challenge", sign_in_with_key, door.entrance, newer.challenge, replayed, OFFICE
    )


@pytest.mark.parametrize(
    ("word", "spoilt"),
    [
        ("assertion_origin", {"origin": "https://sign.dock1.example"}),
        ("assertion_rp", {"rp": "sign.dock1.example"}),
    ],
)
def test_the_key_answers_on_the_login_host(door, word, spoilt):
    device = door.login_key("head")
    asked = door.enter("head")
    answer = door.answer(device, asked, **{"rp": LOGIN, "origin": LOGIN_ORIGIN} | spoilt)
    refused(word, sign_in_with_key, door.entrance, asked.challenge, answer, OFFICE)


def test_the_key_of_somebody_else_does_not_answer(door):
    door.login_key("head")
    other = door.login_key("officer")
    asked = door.enter("head")
    answer = door.answer(other, asked)
    refused(
        "assertion_credential", sign_in_with_key, door.entrance, asked.challenge, answer, OFFICE
    )
    refused("assertion_credential", answer_of_nobody, door)


def answer_of_nobody(door):
    asked = door.enter("head")
    return sign_in_with_key(door.entrance, asked.challenge, {}, OFFICE)


def test_a_revoked_key_does_not_answer_and_is_not_asked_for(door):
    device = door.login_key("head")
    asked = door.enter("head")
    door.bureau.revoke_key("head")
    answer = door.answer(device, asked)
    refused(
        "assertion_credential", sign_in_with_key, door.entrance, asked.challenge, answer, OFFICE
    )
    assert isinstance(door.enter("head"), SignedIn)


def test_the_key_for_decisions_is_not_asked_for(door):
    door.login_key("officer", use="sign")
    assert isinstance(door.enter("officer"), SignedIn)


def test_who_was_suspended_meanwhile_does_not_get_in(door):
    device = door.login_key("head")
    asked = door.enter("head")
    door.bureau.suspend("head")
    answer = door.answer(device, asked)
    refused("challenge_over", sign_in_with_key, door.entrance, asked.challenge, answer, OFFICE)


def test_somebody_without_a_password_of_their_own_signs_in_by_key_all_the_same(door):
    device = door.login_key("head")
    asked = door.enter("head")
    door.accounts.passwords.by_person.clear()
    wrong = door.answer(device, asked, flags=PRESENT)
    refused("assertion_verified", sign_in_with_key, door.entrance, asked.challenge, wrong, OFFICE)
    door.give("head")
    asked = door.enter("head")
    door.accounts.passwords.by_person.clear()
    assert sign_in_with_key(door.entrance, asked.challenge, door.answer(device, asked), OFFICE)


# Once more


def test_proving_again_changes_the_token_and_the_time_of_proof(door):
    inside = door.enter("officer")
    door.forward(minutes=10)
    again = step_up(door.entrance, inside.token, PHRASE, OFFICE)
    assert again.actor.proved_at == door.bureau.now
    assert resume(door.entrance, again.token).actor == again.actor
    refused("not_signed_in", resume, door.entrance, inside.token)


def test_proving_again_needs_the_password_of_who_is_signed_in(door):
    door.give("officer", "the officer's own words")
    inside = door.enter("officer", "the officer's own words")
    refused("sign_in_wrong", step_up, door.entrance, inside.token, PHRASE, OFFICE)
    refused("not_signed_in", step_up, door.entrance, "no token", PHRASE, OFFICE)
    assert resume(door.entrance, inside.token), "a failure ends nothing"
    door.accounts.passwords.by_person.clear()
    refused("sign_in_wrong", step_up, door.entrance, inside.token, PHRASE, OFFICE)


def test_proving_again_needs_the_key_where_there_is_one(door):
    inside = door.enter("head")
    device = door.login_key("head")
    asked = step_up(door.entrance, inside.token, PHRASE, OFFICE)
    assert isinstance(asked, KeyAsked)
    answer = door.answer(device, asked)
    again = step_up_with_key(door.entrance, inside.token, asked.challenge, answer, OFFICE)
    assert again.session.name == inside.session.name
    assert again.token != inside.token


def test_a_question_for_signing_in_is_none_for_proving_again(door):
    inside = door.enter("head")
    device = door.login_key("head")
    asked = door.enter("head")
    answer = door.answer(device, asked)
    refused(
        "challenge_over",
        step_up_with_key,
        door.entrance,
        inside.token,
        asked.challenge,
        answer,
        OFFICE,
    )


def test_nobody_proves_again_with_the_answer_of_somebody_else(door):
    thief = door.enter("officer")
    inside = door.enter("head")
    device = door.login_key("head")
    asked = step_up(door.entrance, inside.token, PHRASE, OFFICE)
    answer = door.answer(device, asked)
    refused(
        "sign_in_wrong",
        step_up_with_key,
        door.entrance,
        thief.token,
        asked.challenge,
        answer,
        OFFICE,
    )


def test_without_a_host_for_signing_in_no_key_answers(door):
    device = door.login_key("head")
    asked = door.enter("head")
    hosts = replace(door.bureau.desk.hosts, login=None)
    door.bureau.desk = replace(door.bureau.desk, hosts=hosts)
    answer = door.answer(device, asked)
    refused("assertion_origin", sign_in_with_key, door.entrance, asked.challenge, answer, OFFICE)


def test_a_copied_login_key_that_says_it_was_never_copied_is_refused(door):
    device = door.login_key("head", Authenticator("EdDSA", device_bound=False))
    asked = door.enter("head", came=HALLWAY)
    answer = door.answer(device, asked)
    refused("assertion_backup", sign_in_with_key, door.entrance, asked.challenge, answer, OFFICE)
