"""Policy packs come to hold: one person proposes a pack word for word, another one adopts it.

A pack stands in the ledger whole, so that an auditor needs nothing else.  A version that was
adopted stays a promise to everything that was sealed while it held: a shorter one that comes later
never reaches back (``custody/retention.py``).
"""

from custody.desk import Desk
from custody.keeping import Keeper, begin_keeping
from custody.policies import policy_json
from evidence.errors import CustodyError
from evidence.json import JsonObject
from evidence.keeping import Policy, Proposal
from evidence.people import Actor


def propose_policy(desk: Desk, actor: Actor, policy: Policy) -> int:
    """Propose a pack; return the index of the entry, by which another person adopts it.

    Raises ``CustodyError`` (``policy_holds``: exactly this one does already), ``RefusedError``.
    """
    keeper = begin_keeping(desk, actor)
    keeper.allow_here("propose_policy")
    held = next((each for each in keeper.shelf.in_force() if each.name == policy.name), None)
    if held is not None and held.sha256 == policy.sha256:
        raise CustodyError("policy_holds", name=policy.name, entry=held.entry)
    body: JsonObject = {
        "policy": policy_json(policy),
        "sha256": policy.sha256,
        "replaces": held.sha256 if held else None,
    }
    return keeper.write("policy.proposed", (), body)


def adopt_policy(desk: Desk, actor: Actor, proposed: int) -> int:
    """Let the pack that entry ``proposed`` carries hold from now on; return the index.

    Never by who proposed it.
    """
    keeper = begin_keeping(desk, actor)
    proposal = _proposal(keeper, proposed)
    keeper.allow_here("adopt_policy", asker=proposal.by == keeper.person)
    policy = proposal.policy
    body: JsonObject = {
        "proposed": proposed,
        "name": policy.name,
        "version": policy.version,
        "sha256": policy.sha256,
    }
    return keeper.write("policy.adopted", (), body)


def withdraw_policy(desk: Desk, actor: Actor, proposed: int) -> int:
    """Take a proposal away before anybody adopts it: one's own, or another's."""
    keeper = begin_keeping(desk, actor)
    proposal = _proposal(keeper, proposed)
    keeper.allow_here("propose_policy")
    return keeper.write("policy.withdrawn", (), {"proposed": proposal.entry})


def _proposal(keeper: Keeper, proposed: int) -> Proposal:
    proposal = keeper.shelf.proposals.get(proposed)
    if proposal is None:
        raise CustodyError("policy_not_proposed", entry=proposed)
    return proposal
