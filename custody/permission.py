"""Who may do what: one pure table.  Default refuse; *never* beats *may*; a refusal names all rows.

A *situation* is a set of words: the roles that an actor holds over a subject, and the facts about
actor and subject, all of them read from the ledger (``custody/facts.py``).  A row speaks when one
of its clauses is a part of that set and none of what it ``lacks`` is in it.  A cell is one act in
one situation; ``tests/unit/custody/test_permission.py`` walks through all of them.

There is no automatic approval, and no row that gives an administrator footage, label or purpose.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NoReturn, get_args

from evidence.errors import RefusedError
from evidence.people import ROLES

Does = Literal[
    # footage leaves: what a grant is for
    "view", "copy", "release",
    # asking and answering
    "request", "request_release", "withdraw", "object", "decide", "approve", "withdraw_grant",
    # knowing: no picture is seen
    "see_listing", "see_label", "see_request", "see_access", "see_audit", "see_figures",
    "see_people",
    # saying what a recording is
    "label", "explain_gap", "answer_gap", "resolve_holder",
    # the organisation
    "manage_people", "manage_units", "manage_roles", "grant_deputy", "manage_keys", "revoke_key",
    "manage_sessions", "adopt_rules", "bind_recorder", "handover",
    # keeping
    "see_retention", "place_hold", "release_hold", "resolve_mark", "close_case", "propose_policy",
    "adopt_policy", "attest_time", "propose_disposal", "approve_disposal", "undo_disposal",
    # weeks
    "see_week", "close_week",
    # alarms: of footage, of the box, and the end of a doubt about bytes
    "acknowledge_alarm", "acknowledge_box", "clear_alarm",
    # the box
    "audit_ledger", "operate",
]  # fmt: skip
DOES: tuple[Does, ...] = get_args(Does)

Fact = Literal[
    "own",  # held the recorder of every segment, or stands in its label
    "named",  # stands in a label of the same case
    "elsewhere",  # supervisor, head or deputy of another unit
    "posted",  # holds any role but admin, anywhere
    "asker",  # it is their own question, explanation or proposal
    "involved",  # appears in it: holder, labelled, of the same case (回避)
    "grant",  # a live grant names person, act and slices
    "fresh",  # proved who they are a moment ago (step-up)
    "signed",  # their own key has signed exactly this; or the policy asks for none
    "second",  # a second person bears witness
    "self",  # it is about the actor
    "settled",  # it is answered, withdrawn or run out
    "retrieval",  # it was asked from above: the owning unit is told
    "confidential",  # the decision hides this look until a day
    "unresolved",  # nobody knows, or two people claim, who held the recorder
    "secret",  # labelled as a state secret: quarantine
    "suspended",  # the person is suspended
    "unfounded",  # no people have been set up
]
FACTS: tuple[Fact, ...] = get_args(Fact)
WORDS: frozenset[str] = frozenset((*ROLES, *FACTS))

FOOTAGE: frozenset[Does] = frozenset({"view", "copy", "release"})
ASKING: frozenset[Does] = frozenset({"request", "request_release"})
ANSWERS: frozenset[Does] = frozenset({"decide", "approve"})
ORGANISING: frozenset[Does] = frozenset({
    "manage_people", "manage_units", "manage_roles", "grant_deputy", "manage_keys", "revoke_key",
    "adopt_rules",
})  # fmt: skip
SECONDED: frozenset[Does] = frozenset(
    {"release_hold", "adopt_policy", "attest_time", "approve_disposal"}
)
KEEPING: frozenset[Does] = SECONDED | {
    "propose_policy",
    "propose_disposal",
    "clear_alarm",
}  # what can shorten a keeping
BOX: frozenset[Does] = frozenset({
    "manage_people", "manage_units", "manage_roles", "manage_keys", "revoke_key", "manage_sessions",
    "adopt_rules", "bind_recorder", "handover", "see_people", "audit_ledger", "operate",
    "acknowledge_box",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One row.  Its sentence for people stands in the messages under ``row.<id>``."""

    id: str
    article: str  # of the regulation (jinzhong); several with commas
    acts: frozenset[Does]
    when: tuple[frozenset[str], ...] = (frozenset(),)
    lacks: frozenset[str] = frozenset()

    def speaks(self, known: frozenset[str]) -> bool:
        """Return whether the row says something of this situation."""
        if not self.lacks.isdisjoint(known):
            return False
        for each in self.when:  # noqa: SIM110 - a generator costs more than all these sets
            if each <= known:
                return True
        return False


@dataclass(frozen=True, slots=True)
class Situation:
    """What an actor is over a subject, and what is so: words of ``WORDS``."""

    roles: frozenset[str] = field(default_factory=frozenset)
    facts: frozenset[str] = field(default_factory=frozenset)


def _any(*clauses: str) -> tuple[frozenset[str], ...]:
    """Return clauses, each a text of words that must all be there."""
    return tuple(frozenset(clause.split()) for clause in clauses)


def _acts(text: str) -> frozenset[Does]:
    return frozenset(each for each in DOES if each in text.split())


EVERY: frozenset[Does] = frozenset(DOES)
_ANSWERED = _acts("withdraw decide approve")

NEVER: tuple[Row, ...] = (
    Row("unfounded", "18", EVERY, _any("unfounded")),
    Row("suspended", "18", EVERY, _any("suspended")),
    Row("no_grant", "18", FOOTAGE, lacks=frozenset({"grant"})),
    Row("admin_apart", "18", EVERY - BOX, _any("admin")),
    Row("own_question", "18", ANSWERS | _acts("answer_gap"), _any("asker")),
    Row("own_proposal", "17, 18", SECONDED, _any("asker")),
    Row("involved", "18, 21",
        ANSWERS | _acts("release_hold resolve_mark approve_disposal clear_alarm"),
        _any("involved")),
    Row("settled", "18", _ANSWERED, _any("settled")),
    Row("not_fresh", "18", ANSWERS | ORGANISING | KEEPING, lacks=frozenset({"fresh"})),
    Row("not_signed", "18", _acts("approve approve_disposal"), lacks=frozenset({"signed"})),
    Row("no_second", "18", _acts("manage_keys"), lacks=frozenset({"second"})),
    Row("about_self", "18", _acts("manage_roles grant_deputy resolve_holder"), _any("self")),
    Row("no_retrieval", "18", _acts("object"), lacks=frozenset({"retrieval"})),
    Row("confidential", "18, 20", _acts("see_access"), _any("confidential"),
        frozenset({"auditor"})),
    Row("unresolved", "16, 18", ASKING, _any("unresolved")),
    Row("state_secret", "19", FOOTAGE | ASKING | _acts("approve"), _any("secret")),
)  # fmt: skip

_OVER = ("supervisor", "head", "deputy")
_HEADS = ("head", "deputy")

MAY: tuple[Row, ...] = (
    Row("may_look", "18", FOOTAGE, _any("posted")),
    Row("may_request", "18", _acts("request"),
        _any("officer own", "officer named", *_OVER, "overseer", "auditor", "elsewhere")),
    Row("may_request_release", "19, 21", _acts("request_release"), _any(*_OVER, "auditor")),
    Row("may_withdraw", "18", _acts("withdraw"), _any("asker")),
    Row("may_object", "18", _acts("object"), _any(*_HEADS)),
    Row("may_decide", "18", ANSWERS, _any(*_HEADS)),
    Row("may_withdraw_grant", "18", _acts("withdraw_grant"), _any(*_HEADS, "asker")),
    Row("may_list", "16, 18", _acts("see_listing see_label see_retention"),
        _any("officer own", "officer named", *_OVER, "overseer", "auditor")),
    Row("may_see_request", "18, 20", _acts("see_request"), _any("asker", *_HEADS, "auditor")),
    Row("may_see_access", "18, 20", _acts("see_access"), _any("officer own", *_HEADS, "auditor")),
    Row("may_see_audit", "5, 20", _acts("see_audit"), _any("auditor")),
    Row("may_see_figures", "5, 20", _acts("see_figures"), _any(*_OVER, "overseer", "auditor")),
    Row("may_see_people", "5, 20", _acts("see_people"),
        _any(*_OVER, "overseer", "auditor", "admin")),
    Row("may_label", "16", _acts("label"), _any("officer own", "supervisor")),
    Row("may_explain", "12", _acts("explain_gap"), _any("officer own")),
    Row("may_answer_gap", "5, 12", _acts("answer_gap"), _any("supervisor")),
    Row("may_resolve", "16", _acts("resolve_holder"), _any(*_OVER, "overseer")),
    Row("may_organise", "18", _acts("manage_people manage_units manage_roles"), _any("admin")),
    Row("may_depute", "18", _acts("grant_deputy"), _any("head")),
    Row("may_keys", "18", _acts("manage_keys revoke_key manage_sessions"), _any("admin", "self")),
    Row("may_adopt", "5, 18", _acts("adopt_rules"), _any("admin", "head")),
    Row("may_equip", "13", _acts("bind_recorder handover"), _any(*_OVER, "admin")),
    Row("may_hold", "17", _acts("place_hold"),
        _any("officer own", "officer named", *_OVER, "overseer", "auditor")),
    Row("may_release_hold", "17", _acts("release_hold"), _any(*_HEADS, "overseer")),
    Row("may_resolve_mark", "17", _acts("resolve_mark"), _any(*_OVER)),
    Row("may_close_case", "15, 17", _acts("close_case"), _any(*_OVER)),
    Row("may_set_periods", "5, 17", _acts("propose_policy adopt_policy"), _any("head", "overseer")),
    Row("may_attest", "5, 17", _acts("attest_time"), _any("head", "overseer", "auditor")),
    Row("may_propose_disposal", "17", _acts("propose_disposal"), _any(*_OVER, "overseer")),
    Row("may_dispose", "17", _acts("approve_disposal"), _any(*_HEADS, "overseer")),
    Row("may_undo_disposal", "17", _acts("undo_disposal"), _any(*_OVER, "overseer", "auditor")),
    Row("may_see_week", "16", _acts("see_week"), _any(*_OVER, "overseer", "auditor")),
    Row("may_close_week", "16", _acts("close_week"), _any(*_OVER)),
    Row("may_acknowledge", "5, 16", _acts("acknowledge_alarm"),
        _any(*_OVER, "overseer", "auditor")),
    Row("may_acknowledge_box", "5, 13", _acts("acknowledge_box"),
        _any(*_HEADS, "overseer", "auditor", "admin")),
    Row("may_clear_alarm", "5, 17", _acts("clear_alarm"), _any("auditor")),
    Row("may_audit", "5, 20", _acts("audit_ledger"), _any("auditor", "admin")),
    Row("may_operate", "13", _acts("operate"), _any("admin")),
)  # fmt: skip


def _by_act(rows: tuple[Row, ...]) -> Mapping[str, tuple[Row, ...]]:
    return {act: tuple(row for row in rows if act in row.acts) for act in DOES}


_NEVER, _MAY = _by_act(NEVER), _by_act(MAY)


def refusals(act: Does, situation: Situation) -> tuple[Row, ...]:
    """Return every row in the way, so that a person can mend all at once; () means yes.

    Where nothing allows the act, the rows that could have allowed it are in the way too.
    """
    known = situation.roles | situation.facts
    found = tuple(row for row in _NEVER[act] if row.speaks(known))
    wanted = _MAY[act]
    return found if any(row.speaks(known) for row in wanted) else (*found, *wanted)


def check(act: Does, situation: Situation) -> None:
    """Return where ``act`` is allowed; else raise ``RefusedError``.

    Word ``refused``; facts ``act`` and ``rows``: (id, article) of every row in the way.
    """
    found = refusals(act, situation)
    if found:
        refuse(act, found)


def refuse(act: str, rows: tuple[Row, ...]) -> NoReturn:
    """Raise ``RefusedError`` for these rows."""
    raise RefusedError("refused", act=act, rows=[(row.id, row.article) for row in rows])
