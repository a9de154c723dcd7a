"""A keeping in the small: packs, holds and days, written through the real acts by two people."""

import tomllib
from datetime import timedelta
from pathlib import Path

from custody.adopting import adopt_policy, propose_policy
from custody.holds import Wanted, place_hold, propose_release, release_hold
from custody.plans import Wanted as Asking
from custody.policies import policy_of
from custody.requests import ask
from custody.shelf import read_shelf
from evidence.asking import Span
from evidence.keeping import Scope

SHIPPED = Path(__file__).parents[2] / "config" / "policies"


def pack(name="jinzhong", **changes):
    """A shipped pack, with other values of its keys."""
    data = tomllib.loads((SHIPPED / f"{name}.toml").read_text("utf-8"))
    return policy_of({**data, **changes})


def adopt(bureau, policy=None, by=("chief", "watcher")):
    """Propose and adopt a pack; return the entry from which it holds."""
    first, second = by
    proposed = propose_policy(bureau.desk, bureau.actor(first), policy or pack())
    return adopt_policy(bureau.desk, bureau.actor(second), proposed)


def of_segments(*segments):
    return Scope("segments", segments)


def of_case(bureau, number):
    return Scope("case", of=bureau.ledger.pseudonym("c", number))


def of_window(subject, since, until=None):
    return Scope("window", of=subject, since=since, until=until)


def hold(bureau, scope, by="supervisor", reason="dispute", **more):
    """Place a hold; return it."""
    return place_hold(bureau.desk, bureau.actor(by), Wanted(reason, scope, "2026-7", **more))


def release(bureau, placed, by=("head", "watcher"), ground="placed_in_error"):
    """End a hold by two people."""
    first, second = by
    propose_release(bureau.desk, bureau.actor(first), placed.id, ground, "2026-8")
    return release_hold(bureau.desk, bureau.actor(second), placed.id)


def asked(bureau, segments, purpose="complaint", case=None, **more):
    """A question of the supervisor about some segments; return it."""
    spans = tuple(Span(each) for each in segments)
    until = bureau.now + timedelta(days=5)
    wanted = Asking("copy", spans, purpose, until, "to see", case_number=case, **more)
    return ask(bureau.desk, bureau.actor("supervisor"), wanted)


def shelf(bureau):
    return read_shelf(bureau.ledger)
