"""The tables of keeping: packs, holds, answers, closed cases, attested days, disposals.

For finding, never for deciding: what keeps a segment is read from the ledger alone
(``custody/shelf.py``).  The rules of ``vault/tables.py`` hold here too.
"""

from sqlalchemy import Index, Table

from vault.columns import entry, flag, metadata, nth, number, text

policies = Table(  # proposed; another entry adopts it
    "policies",
    metadata,
    entry(),
    text("name"),
    text("version"),
    text("sha256"),
    text("replaces", null=True),
)
policy_answers = Table(  # adopted, or withdrawn
    "policy_answers", metadata, entry(), number("proposed"), flag("adopted")
)
holds = Table(
    "holds",
    metadata,
    entry(),
    text("hold"),  # h:…
    text("reason"),
    text("article"),
    text("kind"),  # segments, case, window
    text("of", null=True),  # c:, p:, r:, u:
    number("since", null=True),
    number("until", null=True),
    number("answers", null=True),
)
hold_segments = Table("hold_segments", metadata, *nth(), text("sha256"), sqlite_with_rowid=False)
hold_private = Table("hold_private", metadata, entry(), text("reference"), text("words"))
hold_steps = Table(  # release proposed, released, release refused
    "hold_steps", metadata, entry(), text("hold"), text("step"), text("ground", null=True)
)
hold_step_private = Table("hold_step_private", metadata, entry(), text("words"))
hold_answers = Table(  # a mark or a proposal needs no hold
    "hold_answers", metadata, entry(), number("of"), text("answer")
)
hold_answer_private = Table("hold_answer_private", metadata, entry(), text("reason"))
case_days = Table("case_days", metadata, entry(), text("case"), text("closed_on"), flag("closed"))
attested_days = Table("attested_days", metadata, entry(), text("day"), number("first", null=True))
disposals = Table("disposals", metadata, entry(), text("disposal"), text("step"))
week_closings = Table(
    "week_closings",
    metadata,
    entry(),
    text("unit"),
    text("week"),
    number("closes_again", null=True),
)
alarm_answers = Table(  # what is said in words stays in the statement alone
    "alarm_answers", metadata, entry(), number("alarm"), text("same"), text("answer")
)
tombstones = Table("tombstones", metadata, entry(), text("sha256"), text("disposal"))

Index("holds_by_id", holds.c.hold)
Index("holds_by_subject", holds.c.of, holds.c.entry)
Index("holds_by_segment", hold_segments.c.sha256, hold_segments.c.entry)
Index(
    "holds_by_answer",
    holds.c.answers,
    sqlite_where=holds.c.answers.is_not(None),
    postgresql_where=holds.c.answers.is_not(None),
)
Index("hold_answers_by_entry", hold_answers.c.of)
Index("hold_steps_by_hold", hold_steps.c.hold, hold_steps.c.entry)
Index("case_days_by_case", case_days.c.case, case_days.c.entry)
Index("disposals_by_id", disposals.c.disposal, disposals.c.step)
Index("week_closings_by_unit", week_closings.c.unit, week_closings.c.week)
Index("alarm_answers_by_same", alarm_answers.c.same, alarm_answers.c.alarm)
Index("tombstones_by_segment", tombstones.c.sha256, tombstones.c.entry)

KEEP_TABLES = dict(metadata.tables)
