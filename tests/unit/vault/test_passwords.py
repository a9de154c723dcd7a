"""Hashing passwords takes memory on purpose; nobody may make us take more of it than we have."""

from contextlib import suppress
from threading import Barrier, BrokenBarrierError, Thread

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import HashingError

from evidence.errors import NotSignedInError, VaultUnavailableError
from vault import passwords
from vault.passwords import Cost, Hasher

CHEAP = Cost(memory_kib=8, rounds=1, lanes=1)


def test_a_hash_is_argon2id_with_its_cost_and_a_salt_of_its_own():
    hasher = Hasher(CHEAP)
    first, second = hasher.hash("password"), hasher.hash("password")
    assert first.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert first != second
    hasher.check(first, "password")


def test_the_cost_of_every_day_is_what_rfc_9106_recommends():
    assert Hasher().hash("password").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_name_that_nobody_has_costs_a_hash_of_the_same_size(monkeypatch):
    asked = []
    true_verify = PasswordHasher.verify

    def verify(self, encoded, password):
        asked.append(encoded)
        return true_verify(self, encoded, password)

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    hasher = Hasher(CHEAP)
    known = hasher.hash("password")
    for encoded in (None, known):
        with pytest.raises(NotSignedInError, match="sign_in_wrong"):
            hasher.check(encoded, "wrong")
    nobody, somebody = (each.split("$")[:4] for each in asked)
    assert nobody == somebody
    assert len(asked[0]) == len(asked[1])


def test_what_is_no_hash_is_damage_and_not_a_wrong_password():
    with pytest.raises(VaultUnavailableError, match="password_damaged"):
        Hasher(CHEAP).check("plain text", "plain text")


def test_no_memory_for_a_hash_is_told(monkeypatch):
    def hash_(_self, _password):
        raise HashingError("Memory allocation error")

    monkeypatch.setattr(PasswordHasher, "hash", hash_)
    with pytest.raises(VaultUnavailableError, match="password_unhashed"):
        Hasher(CHEAP).hash("password")


class Meeting:
    """Holds whoever is at it until a third one comes, or nobody came for a second."""

    def __init__(self):
        self.three, self.met = Barrier(3), False

    def verify(self, _encoded, _password):
        with suppress(BrokenBarrierError):
            self.three.wait(timeout=1)
            self.met = True


def test_at_most_two_are_hashed_at_once():
    hasher, meeting = Hasher(CHEAP), Meeting()
    hasher._hasher = meeting
    threads = [Thread(target=hasher.check, args=("x", "y")) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not meeting.met


def test_who_waits_too_long_for_a_turn_is_told_so(monkeypatch):
    monkeypatch.setattr(passwords, "WAIT_LIMIT_S", 0.0)
    hasher = Hasher(CHEAP)
    with (
        hasher._turn(),
        hasher._turn(),
        pytest.raises(NotSignedInError, match="sign_in_busy"),
    ):
        hasher.hash("password")
    hasher.hash("password")
