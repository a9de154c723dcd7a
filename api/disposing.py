"""Approving a disposal: proposed on the login host, signed on the signing host, written once."""

from api import tickets
from api.models import ApprovalIn
from api.site import Site
from custody.clockwatch import now_of
from custody.disposal_list import disposal_for
from custody.disposals import load_disposal
from custody.disposing import Approving, approve_disposal, propose_approval
from custody.entrance import Present
from custody.fields import text
from custody.judging import Judges, Look
from custody.keeping import begin_keeping
from custody.outside import AttestedTime
from custody.signing import challenge_of
from evidence.asking import Approval
from evidence.codec import parse_time
from evidence.disposal import Disposal, Now
from evidence.errors import CustodyError
from evidence.people import Actor


def look_of(site: Site) -> Look:
    """Return the keeping as it is now."""
    return Judges(site.desk.ledger, site.zone).look()


def now_at(site: Site) -> Now:
    """Return the time that counts; raises ``CustodyError`` (``no_outside_time``)."""
    desk = site.desk
    return now_of(desk.clock.now(), AttestedTime(desk.ledger, site.zone).newest())


def proposed(site: Site, who: Present, disposal: str, reason: str) -> tuple[Approving, str]:
    """Return an approval and the ticket that keeps it; what is of others is unknown."""
    disposal_for(begin_keeping(site.desk, who.actor), disposal)
    look, now = look_of(site), now_at(site)
    made = propose_approval(site.desk, who.actor, look, disposal, reason, now=now)
    return made, tickets.give(site, who, tickets.DISPOSAL, tickets.draft_json(made.draft))


def approving_of(site: Site, held: tickets.Kept) -> Approving:
    """Return the approval that a ticket keeps; only tickets of ours are ever read."""
    draft = tickets.draft_of(held)
    found = load_disposal(site.desk.ledger, text(draft.body, "disposal"))
    now = Now(parse_time(text(draft.body, "now")), text(draft.body, "source"))
    return Approving(draft, challenge_of(draft), found, now, held.given_at)


def settle(site: Site, actor: Actor, approving: Approving, approval: ApprovalIn | None) -> Disposal:
    """Write an approval; everything is asked again of the ledger as it is now."""
    given = Approval(approval.fmt, approval.key, approval.envelope) if approval else None
    return approve_disposal(site.desk, actor, look_of(site), approving, given)


def is_warned(site: Site, found: Disposal) -> bool:
    """Return whether the warning of a disposal is over, by the time that counts."""
    try:
        return now_at(site).at >= found.warning_until
    except CustodyError:  # nobody outside has said what time it is
        return False
