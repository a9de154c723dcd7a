"""A session ends when it should, at once, and the ledger says so."""

from dataclasses import replace

import pytest

from custody.entrance import secret_digest
from custody.sessions import (
    SESSIONS_LIMIT,
    close_session,
    end_all,
    end_session,
    renew,
    resume,
    sessions_of,
    sign_out,
    sweep,
)
from evidence.errors import LedgerUnavailableError, NotSignedInError, UsageError
from tests.fakes.desk import person
from tests.unit.custody.door import PHRASE, a_door


@pytest.fixture
def door():
    return a_door()


def refused(word, door, token):
    with pytest.raises(NotSignedInError, match=word):
        resume(door.entrance, token)


def cut(door):
    """The next append does not come back."""
    door.bureau.ledger.world.step = "ledger.append"
    door.bureau.ledger.world.error = LedgerUnavailableError


def test_who_signed_in_is_known_by_their_token(door):
    inside = door.enter("officer")
    present = resume(door.entrance, inside.token)
    assert present.actor == inside.actor
    assert (present.actor.id, present.actor.where) == (person("officer"), "http")
    assert present.actor.proved_at == door.bureau.now


def test_the_opening_is_in_the_ledger_and_names_no_token(door):
    inside = door.enter("officer")
    (body,) = door.told("session.opened")
    name = secret_digest(inside.token)[:16]
    assert body == {"session": name, "by": "password", "where": "http", "because": None}
    (entry,) = door.bureau.house.entries("session.opened")
    assert (entry.actor, list(entry.about)) == (person("officer"), [person("officer")])


def test_every_token_is_another_and_long(door):
    tokens = {door.enter("officer").token for _ in range(10)}
    assert len(tokens) == 10
    assert min(map(len, tokens)) >= 43  # 256 bits


@pytest.mark.parametrize("token", ["", "x", "\udc00", "0" * 64])
def test_what_is_no_token_is_nobody(door, token):
    door.enter("officer")
    refused("not_signed_in", door, token)


def test_the_digest_of_a_token_is_no_token(door):
    inside = door.enter("officer")
    refused("not_signed_in", door, inside.session.token)


@pytest.mark.parametrize(
    ("name", "minutes"),
    [("officer", 30), ("supervisor", 30), ("head", 15), ("inspector", 15), ("admin", 15)],
)
def test_an_idle_session_ends_and_sooner_for_those_with_power(door, name, minutes):
    inside = door.enter(name)
    door.forward(minutes=minutes, seconds=-1)
    resume(door.entrance, inside.token)
    door.forward(minutes=minutes)
    refused("session_idle", door, inside.token)
    refused("not_signed_in", door, inside.token)
    assert door.ends() == ["idle"]


def test_a_deputy_has_power_from_the_day_on_which_they_are_one(door):
    inside = door.enter("deputy")
    door.forward(minutes=20)
    resume(door.entrance, inside.token)
    door.forward(days=2)
    again = door.enter("deputy")
    door.forward(minutes=16)
    refused("session_idle", door, again.token)


def test_use_keeps_a_session_alive_but_not_for_ever(door):
    inside = door.enter("officer")
    for _ in range(12 * 60 // 20 - 1):
        door.forward(minutes=20)
        resume(door.entrance, inside.token)
    door.forward(minutes=20)
    refused("session_absolute", door, inside.token)
    assert door.ends() == ["absolute"]


def test_a_session_is_not_written_with_every_request(door):
    inside = door.enter("officer")
    door.forward(seconds=29)
    resume(door.entrance, inside.token)
    assert door.accounts.sessions.of()[0].seen_at == inside.session.seen_at
    door.forward(seconds=1)
    resume(door.entrance, inside.token)
    assert door.accounts.sessions.of()[0].seen_at == door.bureau.now


def test_a_suspended_person_is_out_at_once(door):
    inside = door.enter("officer")
    door.bureau.suspend("officer")
    refused("session_suspended", door, inside.token)
    door.bureau.restore("officer")
    refused("not_signed_in", door, inside.token)
    assert door.ends() == ["suspended"]


def test_somebody_the_ledger_does_not_know_is_out(door):
    inside = door.enter("officer")
    stranger = replace(inside.session, person=person("stranger"))
    door.accounts.sessions.renew(inside.session.token, stranger)
    refused("session_suspended", door, inside.token)


def test_the_third_session_of_a_person_ends_the_first(door):
    tokens = []
    for _ in range(SESSIONS_LIMIT + 1):
        tokens.append(door.enter("officer").token)
        door.forward(seconds=1)
    other = door.enter("head")
    refused("not_signed_in", door, tokens[0])
    for token in (*tokens[1:], other.token):
        resume(door.entrance, token)
    assert door.ends() == ["replaced"]


def test_who_signs_out_is_out(door):
    inside = door.enter("officer")
    sign_out(door.entrance, inside.token)
    refused("not_signed_in", door, inside.token)
    (body,) = door.told("session.closed")
    assert body == {
        "session": inside.session.name,
        "by": "password",
        "where": "http",
        "because": "signed_out",
    }
    sign_out(door.entrance, inside.token)
    assert door.ends() == ["signed_out"]


def test_who_ended_a_session_stands_beside_its_end(door):
    first, second = door.enter("officer"), door.enter("officer")
    sign_out(door.entrance, first.token)
    door.forward(hours=1)
    refused("session_idle", door, second.token)
    actors = [entry.actor for entry in door.bureau.house.entries("session.closed")]
    assert actors == [person("officer"), "sys:local"]


def test_a_person_sees_their_own_sessions_and_ends_any_of_them(door):
    old = door.enter("officer")
    door.forward(minutes=25)
    new = door.enter("officer")
    listed = sessions_of(door.entrance, person("officer"))
    assert [each.name for each in listed] == [old.session.name, new.session.name]
    end_session(door.entrance, person("officer"), new.session.name)
    refused("not_signed_in", door, new.token)
    door.forward(minutes=5)
    assert sessions_of(door.entrance, person("officer")) == []


def test_nobody_ends_a_session_of_somebody_else(door):
    inside = door.enter("officer")
    with pytest.raises(UsageError, match="session_unknown"):
        end_session(door.entrance, person("head"), inside.session.name)
    resume(door.entrance, inside.token)


def test_all_sessions_of_one_person_end_together(door):
    one, two, other = door.enter("officer"), door.enter("officer"), door.enter("head")
    end_all(door.entrance, person("officer"), "suspended", but=two.session.name)
    refused("not_signed_in", door, one.token)
    resume(door.entrance, two.token)
    end_all(door.entrance, person("officer"), "suspended")
    refused("not_signed_in", door, two.token)
    resume(door.entrance, other.token)


def test_a_renewed_session_keeps_its_name_and_loses_its_token(door):
    inside = door.enter("officer")
    door.forward(minutes=10)
    again = renew(door.entrance, inside.session)
    refused("not_signed_in", door, inside.token)
    present = resume(door.entrance, again.token)
    assert present.session.name == inside.session.name
    assert present.session.opened_at == inside.session.opened_at
    assert present.actor.proved_at == door.bureau.now
    with pytest.raises(NotSignedInError):
        renew(door.entrance, inside.session)


def test_what_nobody_uses_ends_without_being_asked_for(door):
    door.enter("officer")
    door.enter("head")
    door.forward(minutes=15)
    sweep(door.entrance)
    assert door.ends() == ["idle"]
    assert [each.person for each in door.accounts.sessions.of()] == [person("officer")]
    sweep(door.entrance)
    assert door.ends() == ["idle"]


def test_without_the_ledger_nobody_gets_in(door):
    cut(door)
    with pytest.raises(LedgerUnavailableError):
        door.enter("officer")
    assert door.accounts.sessions.of() == []


def test_a_session_ends_although_the_ledger_cannot_write_and_is_written_later(door):
    inside = door.enter("officer")
    cut(door)
    with pytest.raises(LedgerUnavailableError):
        sign_out(door.entrance, inside.token)
    refused("not_signed_in", door, inside.token)
    assert door.ends() == []
    sweep(door.entrance)
    assert door.ends() == ["signed_out"]
    assert door.accounts.sessions.unwritten() == []


def test_two_who_end_a_session_at_once_write_one_end(door):
    inside = door.enter("officer", PHRASE)
    stale = door.accounts.sessions.find(inside.session.token)
    sign_out(door.entrance, inside.token)
    close_session(door.entrance, stale, "idle")
    assert door.ends() == ["signed_out"]
