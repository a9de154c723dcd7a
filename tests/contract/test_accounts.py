"""The port ``Accounts``: one suite for the fake and for the file."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from evidence.accounts import (
    ANSWER_LIMIT_BYTES,
    CONTENT_LIMIT_BYTES,
    TICKETS_LIMIT,
    Failure,
    Session,
    Ticket,
)
from evidence.errors import ConflictError, NotSignedInError, UsageError, VaultUnavailableError
from tests.fakes.accounts import MemoryAccounts
from tests.fakes.clock import NOON
from vault.accounts import FileAccounts
from vault.passwords import Cost

CHEAP = Cost(memory_kib=8, rounds=1, lanes=1)
ONE, TWO = "p:" + "1" * 32, "p:" + "2" * 32
PHRASE = "a long enough password"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def in_a_file(folder):
    FileAccounts.create(folder / "accounts.sqlite")
    return FileAccounts(folder / "accounts.sqlite", CHEAP)


MAKERS = {"fake": lambda _folder: MemoryAccounts(), "file": in_a_file}


@pytest.fixture(params=MAKERS)
def accounts(request, tmp_path):
    made = MAKERS[request.param](tmp_path)
    yield made
    made.close()


def digest(text):
    return sha256(text.encode()).hexdigest()


def session(word="one", person=ONE, at=NOON, **more):
    named = digest(word)
    made = Session(named, named[:16], person, "password", "http", at, at, at)
    return replace(made, **more)


def test_a_password_lets_in_whose_it_is(accounts):
    accounts.passwords.set(ONE, "one", PHRASE)
    accounts.passwords.set(TWO, "two", PHRASE + "!")
    assert accounts.passwords.check("one", PHRASE) == ONE
    assert accounts.passwords.check("two", PHRASE + "!") == TWO
    assert accounts.passwords.account(ONE) == "one"
    assert accounts.passwords.person("two") == TWO
    assert accounts.passwords.account("p:" + "3" * 32) is None
    assert accounts.passwords.person("three") is None


@pytest.mark.parametrize(
    ("account", "password"),
    [("one", "wrong"), ("two", PHRASE), ("", ""), ("one", ""), ("one", PHRASE + "\udc00"),
     ("one", "x" * 2000)],
)  # fmt: skip
def test_anything_else_lets_nobody_in_and_does_not_say_why(accounts, account, password):
    accounts.passwords.set(ONE, "one", PHRASE)
    with pytest.raises(NotSignedInError, match="sign_in_wrong"):
        accounts.passwords.check(account, password)


def test_a_new_password_replaces_the_old_one_and_its_name(accounts):
    accounts.passwords.set(ONE, "one", PHRASE)
    accounts.passwords.set(ONE, "uno", PHRASE + "2")
    assert accounts.passwords.check("uno", PHRASE + "2") == ONE
    for account, password in (("one", PHRASE), ("uno", PHRASE)):
        with pytest.raises(NotSignedInError):
            accounts.passwords.check(account, password)


def test_an_account_name_has_one_owner(accounts):
    accounts.passwords.set(ONE, "one", PHRASE)
    with pytest.raises(ConflictError, match="account_taken"):
        accounts.passwords.set(TWO, "one", "the password of two")
    assert accounts.passwords.check("one", PHRASE) == ONE


def test_a_session_is_found_by_the_digest_of_its_token_alone(accounts):
    opened = session()
    accounts.sessions.open(opened)
    assert accounts.sessions.find(digest("one")) == opened
    assert accounts.sessions.find("one") is None
    assert accounts.sessions.find(opened.name) is None


def test_sessions_are_listed_oldest_first(accounts):
    for number, person in enumerate((ONE, TWO, ONE)):
        accounts.sessions.open(session(f"{number}", person, NOON - number * MINUTE))
    assert [each.token for each in accounts.sessions.of(ONE)] == [digest("2"), digest("0")]
    assert len(accounts.sessions.of()) == 3


def test_a_session_that_was_seen_says_when(accounts):
    accounts.sessions.open(session())
    accounts.sessions.seen(digest("one"), NOON + MINUTE)
    assert accounts.sessions.find(digest("one")).seen_at == NOON + MINUTE


def test_a_renewed_session_has_no_use_for_its_old_token(accounts):
    accounts.sessions.open(session())
    renewed = session(token=digest("new"), proved_at=NOON + MINUTE)
    accounts.sessions.renew(digest("one"), renewed)
    assert accounts.sessions.of(ONE) == [renewed]
    assert accounts.sessions.find(digest("one")) is None
    with pytest.raises(NotSignedInError, match="not_signed_in"):
        accounts.sessions.renew(digest("one"), session("third"))
    assert accounts.sessions.of(ONE) == [renewed]


def test_a_session_ends_once_and_waits_until_its_end_is_written(accounts):
    accounts.sessions.open(session())
    assert accounts.sessions.end(digest("one"), "idle")
    assert not accounts.sessions.end(digest("one"), "signed_out")
    assert accounts.sessions.find(digest("one")) is None
    assert accounts.sessions.of() == []
    assert accounts.sessions.unwritten() == [session(ended="idle")]
    accounts.sessions.forget(digest("one"))
    assert accounts.sessions.unwritten() == []


def test_a_session_that_ended_comes_back_by_nothing(accounts):
    accounts.sessions.open(session())
    accounts.sessions.end(digest("one"), "suspended")
    accounts.sessions.seen(digest("one"), NOON + HOUR)
    with pytest.raises(NotSignedInError):
        accounts.sessions.renew(digest("one"), session("new"))
    assert accounts.sessions.of() == []
    assert accounts.sessions.unwritten()[0].seen_at == NOON


def test_an_open_session_cannot_be_forgotten(accounts):
    accounts.sessions.open(session())
    accounts.sessions.forget(digest("one"))
    assert accounts.sessions.find(digest("one"))


def ticket(word="code", kind="code", person=ONE, until=NOON + HOUR, content=b"{}"):
    return Ticket(kind, digest(word), person, until, content)


def test_a_ticket_is_taken_once(accounts):
    accounts.tickets.put(ticket())
    assert accounts.tickets.take("code", digest("code"), NOON) == ticket()
    assert accounts.tickets.take("code", digest("code"), NOON) is None


def test_a_ticket_is_taken_by_one_of_many_who_try_at_once(accounts):
    accounts.tickets.put(ticket())
    with ThreadPoolExecutor(8) as pool:
        taken = list(
            pool.map(lambda _: accounts.tickets.take("code", digest("code"), NOON), range(32))
        )
    assert [each for each in taken if each] == [ticket()]


def test_a_ticket_whose_time_is_over_is_gone(accounts):
    accounts.tickets.put(ticket(until=NOON))
    assert accounts.tickets.take("code", digest("code"), NOON) is None
    assert accounts.tickets.take("code", digest("code"), NOON - HOUR) is None


def test_a_ticket_is_good_for_its_own_kind(accounts):
    accounts.tickets.put(ticket(kind="sign_in"))
    assert accounts.tickets.take("sign", digest("code"), NOON) is None
    assert accounts.tickets.take("sign_in", digest("code"), NOON)


def test_tickets_of_one_kind_and_person_are_dropped_together(accounts):
    for secret, kind, person in (("a", "code", ONE), ("b", "sign", ONE), ("c", "code", TWO)):
        accounts.tickets.put(ticket(secret, kind, person))
    accounts.tickets.drop("code", ONE)
    assert accounts.tickets.take("code", digest("a"), NOON) is None
    assert accounts.tickets.take("sign", digest("b"), NOON)
    assert accounts.tickets.take("code", digest("c"), NOON)


def test_nobody_fills_the_store_with_tickets(accounts):
    for number in range(TICKETS_LIMIT + 2):
        accounts.tickets.put(ticket(f"{number}", "sign"))
    accounts.tickets.put(ticket("other", "sign", TWO))
    gone = [accounts.tickets.take("sign", digest(f"{number}"), NOON) for number in range(3)]
    assert [each is None for each in gone] == [True, True, False]
    assert accounts.tickets.take("sign", digest("other"), NOON)
    with pytest.raises(UsageError, match="ticket_too_long"):
        accounts.tickets.put(ticket("long", content=bytes(CONTENT_LIMIT_BYTES + 1)))


def failure(account="one", address="10.0.0.1", at=NOON, because="wrong", **more):
    made = Failure(account, address, because, at, counts=True, person=ONE)
    return replace(made, **more)


def counted(accounts, account="one", address="10.0.0.1", since=NOON):
    return accounts.failures.count(account, address, since)


def test_failures_are_counted_by_account_and_place(accounts):
    later = NOON + timedelta(seconds=20)
    for each in (
        failure(),
        failure(at=later),
        failure(address="10.0.0.2", at=NOON + MINUTE),
        failure(account="two"),
        failure(because="locked", counts=False),
        failure(at=NOON - MINUTE),
    ):
        accounts.failures.add(each)
    assert counted(accounts) == (2, later)
    assert counted(accounts, address=None) == (3, NOON + MINUTE)
    assert counted(accounts, since=NOON - MINUTE)[0] == 3
    assert counted(accounts, account="three") == (0, None)


def test_signing_in_forgives_what_failed_from_the_same_place(accounts):
    accounts.failures.add(failure())
    accounts.failures.add(failure(address="10.0.0.2"))
    accounts.failures.succeed("one", "10.0.0.1", NOON)
    assert counted(accounts) == (0, None)
    assert counted(accounts, address=None)[0] == 1
    accounts.failures.add(failure())
    assert counted(accounts)[0] == 1


def test_a_place_is_known_for_a_while_after_a_sign_in(accounts):
    assert not accounts.failures.known("one", "10.0.0.1", NOON - DAY)
    accounts.failures.succeed("one", "10.0.0.1", NOON)
    assert accounts.failures.known("one", "10.0.0.1", NOON)
    assert not accounts.failures.known("one", "10.0.0.1", NOON + MINUTE)
    assert not accounts.failures.known("one", "10.0.0.2", NOON)
    assert not accounts.failures.known("two", "10.0.0.1", NOON)


def facts_of(tallies):
    return sorted((each.person or "", each.address, each.because, each.count) for each in tallies)


def test_failures_are_told_by_minute_and_once(accounts):
    for each in (
        failure(),
        failure(),
        failure(because="locked", counts=False),
        failure(account="nobody", person=None),
        failure(at=NOON + MINUTE),
    ):
        accounts.failures.add(each)
    assert accounts.failures.unreported(NOON) == []
    tallies = accounts.failures.unreported(NOON + MINUTE)
    assert facts_of(tallies) == [
        ("", "10.0.0.1", "wrong", 1),
        (ONE, "10.0.0.1", "locked", 1),
        (ONE, "10.0.0.1", "wrong", 2),
    ]
    assert {each.minute for each in tallies} == {NOON}
    accounts.failures.add(failure(at=NOON + timedelta(seconds=59)))  # told a little late
    accounts.failures.report(tallies)
    assert facts_of(accounts.failures.unreported(NOON + MINUTE)) == [(ONE, "10.0.0.1", "wrong", 1)]


def test_forgiven_failures_are_told_all_the_same(accounts):
    accounts.failures.add(failure())
    accounts.failures.succeed("one", "10.0.0.1", NOON)
    assert len(accounts.failures.unreported(NOON + MINUTE)) == 1


def test_a_request_that_comes_twice_is_answered_once(accounts):
    assert accounts.answers.claim(ONE, "k", "f", NOON) is None
    with pytest.raises(ConflictError, match="idempotency_busy"):
        accounts.answers.claim(ONE, "k", "f", NOON)
    accounts.answers.give(ONE, "k", b"the answer")
    assert accounts.answers.claim(ONE, "k", "f", NOON) == b"the answer"
    with pytest.raises(ConflictError, match="idempotency_other"):
        accounts.answers.claim(ONE, "k", "another request", NOON)
    assert accounts.answers.claim(TWO, "k", "another request", NOON) is None


def test_of_many_equal_requests_at_once_one_is_done(accounts):
    def claim(_):
        try:
            return accounts.answers.claim(ONE, "k", "f", NOON)
        except ConflictError:
            return "busy"

    with ThreadPoolExecutor(8) as pool:
        assert sorted(str(each) for each in pool.map(claim, range(16))) == ["None"] + ["busy"] * 15


def test_what_was_not_done_may_be_asked_again(accounts):
    accounts.answers.claim(ONE, "k", "f", NOON)
    accounts.answers.release(ONE, "k")
    assert accounts.answers.claim(ONE, "k", "g", NOON) is None
    accounts.answers.give(ONE, "k", b"")
    accounts.answers.release(ONE, "k")
    assert accounts.answers.claim(ONE, "k", "g", NOON) == b""


def test_an_answer_has_a_limit(accounts):
    accounts.answers.claim(ONE, "k", "f", NOON)
    with pytest.raises(UsageError, match="answer_too_long"):
        accounts.answers.give(ONE, "k", bytes(ANSWER_LIMIT_BYTES + 1))


def test_a_sweep_forgets_what_is_over_and_nothing_else(accounts):
    accounts.tickets.put(ticket("old"))
    accounts.tickets.put(ticket("new", until=NOON + 2 * DAY))
    accounts.sessions.open(session())
    accounts.answers.claim(ONE, "k", "f", NOON)
    accounts.failures.add(failure(at=NOON))
    accounts.failures.succeed("one", "10.0.0.1", NOON)
    accounts.sweep(NOON + HOUR)
    assert accounts.tickets.take("code", digest("new"), NOON)
    with pytest.raises(ConflictError):
        accounts.answers.claim(ONE, "k", "f", NOON + HOUR)
    accounts.sweep(NOON + DAY + HOUR)
    assert accounts.tickets.take("code", digest("old"), NOON) is None
    assert accounts.answers.claim(ONE, "k", "other", NOON + DAY) is None
    assert accounts.failures.known("one", "10.0.0.1", NOON)
    assert len(accounts.failures.unreported(NOON + DAY)) == 1, "no failure is forgotten untold"
    accounts.failures.report(accounts.failures.unreported(NOON + DAY))
    accounts.sweep(NOON + 31 * DAY)
    assert accounts.failures.unreported(NOON + DAY) == []
    assert not accounts.failures.known("one", "10.0.0.1", NOON)
    assert accounts.sessions.of()


# The file alone.


def test_everything_survives_the_process(tmp_path):
    first = in_a_file(tmp_path)
    first.passwords.set(ONE, "one", PHRASE)
    first.sessions.open(session(proved_at=None))
    first.close()
    again = in_a_file(tmp_path)
    assert again.passwords.check("one", PHRASE) == ONE
    assert again.sessions.of() == [session(proved_at=None)]
    again.close()


def test_no_secret_lies_in_the_file_as_it_was_typed(tmp_path):
    accounts = in_a_file(tmp_path)
    accounts.passwords.set(ONE, "one", PHRASE)
    accounts.failures.add(failure(account="typed my password here"))
    accounts.close()
    raw = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"argon2id" in raw
    assert PHRASE.encode() not in raw
    assert b"typed my password" not in raw


def test_the_file_is_for_its_owner_alone(tmp_path):
    in_a_file(tmp_path).close()
    path = tmp_path / "accounts.sqlite"
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    with pytest.raises(VaultUnavailableError, match="secret_exposed"):
        FileAccounts(path, CHEAP)
