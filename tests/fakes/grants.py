"""A live grant, asked for and decided by the real acts: ``granted(bureau, segments)``."""

from base64 import urlsafe_b64encode
from datetime import timedelta

from custody.decide import Answer, decide, propose
from custody.grants import load_grant
from custody.plans import Wanted
from custody.requests import ask
from evidence.asking import Approval, Span
from tests.fakes.desk import Bureau, MemoryHouse, desk_of, private_key


def spans_of(*segments):
    return tuple(each if isinstance(each, Span) else Span(each) for each in segments)


def approval_of(bureau, name, proposal):
    signature = private_key(name).sign(proposal.challenge)
    text = urlsafe_b64encode(signature).rstrip(b"=").decode()
    return Approval("software/1", bureau.keys[name], {"signature": text})


def asked(bureau, *segments, by="supervisor", act="copy", times=3, days=7):
    until = bureau.now + timedelta(days=days)
    recipient = "the court" if act == "release" else None
    spans = spans_of(*segments)
    wanted = Wanted(act, spans, "case", until, "a reason", times, "case 1", recipient)
    return ask(bureau.desk, bureau.actor(by), wanted)


def granted(bureau, *segments, by="supervisor", head="head", hidden=None, **wanted):
    """Return a live grant; ``hidden``: days for which the decision hides its looks."""
    request = asked(bureau, *segments, by=by, **wanted)
    until = bureau.now + timedelta(days=hidden) if hidden else None
    answer = Answer("approve", (request.id,), "yes", confidential_until=until)
    actor = bureau.actor(head)
    proposal = propose(bureau.desk, actor, answer)
    index = decide(bureau.desk, actor, proposal, approval_of(bureau, head, proposal))
    (answered,) = bureau.ledger.entry(index).body["requests"]
    return load_grant(bureau.desk, answered["grant"])


def copy_of(bureau):
    """Return the same bureau in memory once more: faster than to make it again for every test."""
    house, before = MemoryHouse(), bureau.house
    house.ledger.leaves = list(before.ledger.leaves)
    house.ledger.statements = dict(before.ledger.statements)
    house.ledger.lasts = dict(before.ledger.lasts)
    house.objects.objects = dict(before.objects.objects)
    return Bureau(house, desk_of(house), dict(bureau.keys), bureau.dockings)
