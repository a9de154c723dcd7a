"""Accounts in memory.  It polices: no token, code or password lies in it as it was typed."""

import hashlib
import re
from dataclasses import replace
from datetime import timedelta

from evidence.accounts import (
    ANSWER_LIMIT_BYTES,
    CONTENT_LIMIT_BYTES,
    TICKETS_LIMIT,
    Tally,
    Ticket,
)
from evidence.errors import ConflictError, NotSignedInError, UsageError

DIGEST = re.compile(r"[0-9a-f]{64}")


def hashed(text):
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class MemoryPasswords:
    def __init__(self):
        self.by_person = {}
        self.checks = 0
        self.busy = False

    def set(self, person, account, password):
        if self.person(account) not in {None, person}:
            raise ConflictError("account_taken")
        self.by_person[person] = (account, hashed(password))

    def check(self, account, password):
        self.checks += 1
        if self.busy:
            raise NotSignedInError("sign_in_busy")
        for person, known in self.by_person.items():
            if known == (account, hashed(password)):
                return person
        raise NotSignedInError("sign_in_wrong")

    def account(self, person):
        return self.by_person.get(person, (None,))[0]

    def person(self, account):
        found = [person for person, (name, _) in self.by_person.items() if name == account]
        return found[0] if found else None


class MemorySessions:
    def __init__(self):
        self.kept = []

    def open(self, session):
        assert DIGEST.fullmatch(session.token), "a token is kept as a digest"
        assert all(each.token != session.token for each in self.kept)
        self.kept.append(session)

    def find(self, token):
        return next((each for each in self.of() if each.token == token), None)

    def renew(self, token, session):
        if self.find(token) is None:
            raise NotSignedInError("not_signed_in")
        self.kept = [each for each in self.kept if each.token != token]
        self.open(session)

    def seen(self, token, at):
        self._change(token, seen_at=at)

    def of(self, person=None):
        found = [each for each in self.kept if not each.ended and person in {None, each.person}]
        return sorted(found, key=lambda each: each.opened_at)

    def end(self, token, because):
        return self._change(token, ended=because)

    def unwritten(self):
        return [each for each in self.kept if each.ended]

    def forget(self, token):
        self.kept = [each for each in self.kept if each.token != token or not each.ended]

    def _change(self, token, **fields):
        for at, each in enumerate(self.kept):
            if each.token == token and not each.ended:
                self.kept[at] = replace(each, **fields)
                return True
        return False


class MemoryTickets:
    def __init__(self):
        self.kept = []

    def put(self, ticket):
        assert DIGEST.fullmatch(ticket.digest), "a secret is kept as a digest"
        if len(ticket.content) > CONTENT_LIMIT_BYTES:
            raise UsageError("ticket_too_long", limit=CONTENT_LIMIT_BYTES)
        self.kept.append(ticket)
        same = [each for each in self.kept if (each.kind, each.person) == key_of(ticket)]
        for old in same[:-TICKETS_LIMIT]:
            self.kept.remove(old)

    def take(self, kind, digest, now):
        for each in self.kept:
            if (each.kind, each.digest) == (kind, digest):
                self.kept.remove(each)
                return each if each.until > now else None
        return None

    def drop(self, kind, person):
        self.kept = [each for each in self.kept if key_of(each) != (kind, person)]


def key_of(ticket: Ticket):
    return ticket.kind, ticket.person


def minute(at):
    return at.replace(second=0, microsecond=0)


class MemoryFailures:
    def __init__(self):
        self.kept = []  # [failure, forgiven, told]
        self.places = {}

    def add(self, failure):
        self.kept.append([failure, False, False])

    def count(self, account, address, since):
        found = [
            failure.at
            for failure, forgiven, _ in self.kept
            if failure.counts
            and not forgiven
            and failure.account == account
            and address in {None, failure.address}
            and minute(failure.at) >= minute(since)
        ]
        return len(found), max(found, default=None)

    def succeed(self, account, address, at):
        self.places[account, address] = at
        for each in self.kept:
            if (each[0].account, each[0].address) == (account, address):
                each[1] = True

    def known(self, account, address, since):
        at = self.places.get((account, address))
        return at is not None and at >= since

    def unreported(self, before):
        groups = {}
        for failure, _, told in self.kept:
            if not told and minute(failure.at) < minute(before):
                key = (failure.account, failure.address, failure.because, minute(failure.at))
                groups.setdefault(key, []).append(failure.person)
        return [
            Tally(hash(key), people[0], key[1], key[2], key[3], len(people))
            for key, people in groups.items()
        ]

    def report(self, tallies):
        left = {each.row: each.count for each in tallies}
        for each in self.kept:
            failure = each[0]
            key = (failure.account, failure.address, failure.because, minute(failure.at))
            if not each[2] and left.get(hash(key), 0):
                left[hash(key)] -= 1
                each[2] = True


class MemoryAnswers:
    def __init__(self):
        self.kept = {}

    def claim(self, person, key, fingerprint, now):
        if (person, key) not in self.kept:
            self.kept[person, key] = (fingerprint, None, now)
            return None
        known, content, _ = self.kept[person, key]
        if known != fingerprint:
            raise ConflictError("idempotency_other")
        if content is None:
            raise ConflictError("idempotency_busy")
        return content

    def give(self, person, key, content):
        if len(content) > ANSWER_LIMIT_BYTES:
            raise UsageError("answer_too_long", limit=ANSWER_LIMIT_BYTES)
        fingerprint, _, at = self.kept[person, key]
        self.kept[person, key] = (fingerprint, content, at)

    def release(self, person, key):
        if self.kept.get((person, key), (None, b""))[1] is None:
            self.kept.pop((person, key), None)


class MemoryAccounts:
    def __init__(self):
        self.passwords = MemoryPasswords()
        self.sessions = MemorySessions()
        self.tickets = MemoryTickets()
        self.failures = MemoryFailures()
        self.answers = MemoryAnswers()

    def sweep(self, now):
        self.tickets.kept = [each for each in self.tickets.kept if each.until > now]
        old = now - timedelta(hours=2)
        self.failures.kept = [
            each for each in self.failures.kept if not each[2] or minute(each[0].at) >= minute(old)
        ]
        recent = now - timedelta(days=30)
        self.failures.places = {
            place: at for place, at in self.failures.places.items() if at >= recent
        }
        today = now - timedelta(hours=24)
        self.answers.kept = {
            key: kept for key, kept in self.answers.kept.items() if kept[2] >= today
        }

    def close(self):
        pass
