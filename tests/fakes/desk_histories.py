"""One entry of every type that people at the desk write, as docs/formats.md has them."""

from evidence.codec import format_time
from evidence.entry import Private
from evidence.people import ORGANISATION

U, P, Q, G, C = "u:" + "1" * 32, "p:" + "2" * 32, "q:" + "3" * 32, "g:" + "4" * 32, "c:" + "5" * 64
R, T, D, S = "r:" + "6" * 64, "r:" + "7" * 64, "d:" + "8" * 32, "s:" + "9" * 64
SPANS = [{"segment": S, "first": None, "last": None}]
HOSTS = {"login": "dock1.example", "sign": None, "rp": None}
REASON = {"reason": "because"}
KEY = {"fmt": "software/1", "use": "sign", "credential": "", "public": "AA", "rp": ""}
LETTER = {"number": "7", "copy": None}


def label_of(**said):
    """Return the body of a label."""
    body = {"act": S, "items": None, "item": None, "step": None, "no_case": None}
    return {**body, "complete": False, "sensitivity": "none", "corrects": None, **said}


def facts_of(**said):
    """Return the private facts of a label."""
    names = ("cause", "party", "case_number", "place", "words")
    return {"officers": [P], **dict.fromkeys(names), **said}


def add_every_act(history):
    """Add an entry of every type from organisation.founded on, in the order of the types."""
    at = format_time(history.now)
    since, until = {"since": at}, {"until": at}
    who, where = {"person": P}, {"person": P, "unit": U}
    unit = {"unit": U, "parent": ORGANISATION, "enforcing": True}
    person = {"name": "Li", "number": "1", "certificate": None, "certificate_until": None}
    handed = {"recorder": R, **where, "at": at, "due": None, "battery": 8, "free_bytes": 9}
    handed |= {"clock_offset_ms": -3}
    asked = {"act": "copy", "spans": SPANS, "until": at, "times": 2, "row": "own_unit"}
    asked |= {"path": [U, ORGANISATION]}
    answered = [{"request": Q, "entry": 7, "leaf": "00", "grant": G}]
    signature = {"fmt": "software/1", "key": 3, "envelope": "{}"}
    failed = {"count": 2, **since, **until, "because": [{"word": "a", "count": 2}]}
    session = {"session": "ab", "by": "password", "where": "cli"}
    rows = [{"row": "involved", "article": "18"}]
    acts = (
        ("organisation.founded", (), {"hosts": HOSTS}, (ORGANISATION, {"name": "Bureau"})),
        ("unit.added", (U,), unit, (U, {"name": "East"})),
        ("unit.moved", (U,), unit, (U, {"name": "West"})),
        ("person.enrolled", (P, U), where, (P, {**person, "aliases": []})),
        ("person.corrected", (P, U), where, (P, {**person, "aliases": ["2"]})),
        ("person.suspended", (P,), who, (P, REASON)),
        ("person.restored", (P,), who, (P, REASON)),
        ("role.granted", (P, U), {**where, "role": "officer", **since, "until": None}, None),
        ("role.revoked", (P, U), {**where, "role": "officer", "granted": 5}, None),
        ("key.registered", (P,), {**who, **KEY, "device_bound": None, "signer": None, "by": [P]},
         None),
        ("key.revoked", (P,), {**who, "key": 5}, None),
        ("rules.adopted", (), {"rules": "items", "name": "a", "version": "1", "sha256": "00"},
         None),
        ("recorder.bound", (R, T, P), {"recorder": R, **where, **since}, None),
        ("recorder.unbound", (R, T, P), {"recorder": R, **where, **until}, None),
        ("recorder.corrected", (R, T, P),
         {"recorder": R, **where, **since, "corrects": 5, "until": None, "void": False},
         (T, REASON)),
        ("handover.out", (R, T, P), handed, None),
        ("handover.in", (R, T, P), handed, None),
        ("holder.resolved", (S, D, P), {**where, "sighting": 5}, (S, REASON)),
        ("segment.labelled", (S, P, C), label_of(item="check", corrects=3),
         (S, facts_of(cause="占道经营", party="张某"))),
        ("gap.explained", (D, S), {"seams": 5, "seam": 0, "reason": "battery", "spoken": True},
         (D, {"words": "empty"})),
        ("gap.answered", (D, S), {"explained": 9, "answer": "accepted"}, (D, {"words": ""})),
        ("request.made", (Q, P, U, C, S),
         {**asked, "request": Q, "purpose": "case", "article": "18", "unit": U, "owners": [U],
          "case": C, "hold": 2, "provide_by": at},
         (Q, {"case_number": "2026-7", **REASON, "recipient": None, "letter": LETTER})),
        ("request.withdrawn", (Q, U), {"request": Q}, (Q, REASON)),
        ("request.objected", (Q, U), {"request": Q}, (Q, REASON)),
        ("request.decided", (P, U, Q, G, S),
         {**asked, "answer": "approve", "requests": answered, "approver": P,
          "rules": "00", "confidential_until": at, "signature": signature},
         (Q, REASON)),
        ("grant.withdrawn", (G, Q, P), {"grant": G}, (Q, REASON)),
        ("copy.opened", (G, Q, P, S), {"grant": G, "use": 1, "spans": SPANS, "where": "cli"}, None),
        ("copy.closed", (G, Q, P, S), {"opened": 8, "bytes": 9, "spans": SPANS, "how": "complete"},
         None),
        ("access.refused", (P, S), {"act": "request", "rows": rows, "of": [Q]}, None),
        ("session.opened", (P,), {**session, "because": None}, None),
        ("session.closed", (P,), {**session, "because": "idle"}, None),
        ("sign_in.failed", (), failed, (ORGANISATION, {})),
        ("password.changed", (P,), {"outcome": "changed"}, None),
        ("code.given", (P,), {**who, **until}, None),
        ("access_log.read", (P,), {"groups": ["copies"], "subjects": [S], **since, **until,
                                   "where": "cli"}, None),
    )  # fmt: skip
    for kind, about, body, private in acts:
        organisational = kind.partition(".")[0] in {
            "organisation", "unit", "person", "role", "key", "rules", "sign_in", "code",
        }  # fmt: skip
        subjects = (ORGANISATION, *about) if organisational else about
        lines = (
            ({"account": P, "address": "10.0.0.1", "count": 2},) if kind == "sign_in.failed" else ()
        )
        told = Private(private[0], private[1], lines) if private else None
        history.add(kind, subjects, body, told)
