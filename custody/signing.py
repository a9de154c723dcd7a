"""A person's own key under what only they may decide: asked when it is written, and ever after.

Answers to questions and approvals of disposals are signed in the same way (DESIGN 5).
"""

from collections.abc import Sequence

from custody.desk import AccessRules, Hosts
from custody.facts import Standing
from custody.permission import Does
from custody.refused import write_refused
from evidence.approval import (
    approval_of,
    challenge,
    check_approval,
    origins_of,
    statement_digest,
    verify_approval,
)
from evidence.asking import Approval
from evidence.entry import Draft, Entry
from evidence.errors import ProofError
from evidence.people import Key, Register

SALT_BYTES = 32  # of a statement under a signature: who signs must know it before the ledger does


def challenge_of(draft: Draft) -> bytes:
    """Return the 32 bytes that a person signs before ``draft`` is written."""
    statement = statement_digest(draft.private) if draft.private else None
    return challenge(draft.type, draft.about, draft.actor, draft.body, statement)


def check_signed(
    standing: Standing,
    draft: Draft,
    approval: Approval | None,
    act: Does,
    subjects: Sequence[str],
) -> bool:
    """Return whether ``draft`` counts as signed: by ``approval``, or where rules ask for no key.

    Raises ``ProofError``, after an entry that ``act`` on ``subjects`` was refused, for an approval
    that is none.
    """
    desk = standing.desk
    if approval is None:
        return desk.rules.password_only
    try:
        check_approval(
            approval,
            _key(standing, approval.key),
            challenge_of(draft),  # never what a caller says it was
            origins_of(desk.hosts.sign),
            actor=standing.person,
            software=desk.rules.demo_keys,
        )
    except ProofError:
        write_refused(desk, standing.actor, act, [("not_signed", "18")], subjects)
        raise
    return True


def was_signed(entry: Entry, then: Register, rules: AccessRules, hosts: Hosts) -> bool:
    """Return whether the signature under an entry holds, by the keys of the ledger alone.

    ``then``: the organisation as it was when it was written.
    """
    try:
        approval = approval_of(entry.body)
        if approval is None:
            return rules.password_only
        key = then.keys.get(approval.key)
        if key is None:
            return False
        verify_approval(entry, key, origins_of(hosts.sign), software=rules.demo_keys)
    except ProofError:
        return False
    return True


def _key(standing: Standing, entry: int) -> Key:
    """Return a key from the ledger, never from an envelope."""
    key = standing.register.keys.get(entry)
    if key is None:
        raise ProofError("approval_key")
    return key
