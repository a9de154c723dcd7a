"""The tables of what people did: labels, gaps, questions, decisions, looks, sign-ins, refusals.

For finding, never for deciding: whatever is allowed is read from the ledger (``custody/``).  The
rules of ``vault/tables.py`` hold here too.
"""

from sqlalchemy import Index, Table

from vault.columns import entry, flag, metadata, nth, number, text

labels = Table(  # the one with the highest entry holds
    "labels",
    metadata,
    entry(),
    text("sha256"),  # of the segment
    text("list", null=True),  # of items: the one in which ``item`` stands
    text("item", null=True),
    text("step", null=True),
    text("no_case", null=True),
    flag("complete"),
    text("sensitivity"),
    number("corrects", null=True),
    text("case", null=True),  # c:…
)
label_people = Table(
    "label_people", metadata, entry(), text("person", key=True), sqlite_with_rowid=False
)
label_private = Table(
    "label_private",
    metadata,
    entry(),
    text("cause", null=True),
    text("party", null=True),
    text("case_number", null=True),
    text("place", null=True),
    text("words", null=True),
    text("grams"),  # of all of them, for the full-text index (vault/grams.py)
)
gap_explanations = Table(
    "gap_explanations",
    metadata,
    entry(),
    text("docking"),
    number("seams"),
    number("seam"),
    text("reason"),
    flag("spoken"),
)
gap_answers = Table("gap_answers", metadata, entry(), number("explained"), text("answer"))
gap_private = Table("gap_private", metadata, entry(), text("words"))
requests = Table(
    "requests",
    metadata,
    entry(),
    text("request"),
    text("act"),
    text("purpose"),
    text("article"),
    number("until"),
    number("times"),
    text("unit"),
    text("row"),
    text("case", null=True),
)
request_private = Table(
    "request_private",
    metadata,
    entry(),
    text("case_number", null=True),
    text("reason"),
    text("recipient", null=True),
)
request_words = Table("request_words", metadata, entry(), text("request"))  # withdrawn, objected
request_words_private = Table("request_words_private", metadata, entry(), text("reason"))
decisions = Table(
    "decisions",
    metadata,
    entry(),
    text("answer"),
    text("act"),
    number("until"),
    number("times"),
    text("approver"),
    text("row"),
    number("confidential_until", null=True),
    flag("signed"),
)
decision_requests = Table(
    "decision_requests",
    metadata,
    *nth(),
    text("request"),
    text("grant", null=True),
    sqlite_with_rowid=False,
)
decision_private = Table("decision_private", metadata, entry(), text("reason"))
grant_ends = Table("grant_ends", metadata, entry(), text("grant"))
grant_end_private = Table("grant_end_private", metadata, entry(), text("reason"))
looks = Table("looks", metadata, entry(), text("grant"), number("use"), text("where"))
look_ends = Table("look_ends", metadata, entry(), number("opened"), number("bytes"), text("how"))
refusals = Table("refusals", metadata, entry(), text("act"), text("rows"))  # canonical JSON
sessions = Table(
    "sessions",
    metadata,
    entry(),
    text("session"),
    text("by"),
    text("where"),
    text("because", null=True),
)
sign_in_failures = Table(
    "sign_in_failures", metadata, entry(), number("count"), number("since"), number("until")
)
sign_in_failure_private = Table(
    "sign_in_failure_private",
    metadata,
    *nth(),
    text("account", null=True),
    text("address", null=True),
    number("count"),
    sqlite_with_rowid=False,
)

Index("labels_by_segment", labels.c.sha256, labels.c.entry)
Index("labels_by_case", labels.c.case, labels.c.entry)
Index("labels_by_item", labels.c.item, labels.c.entry)
Index(
    "labels_by_no_case",
    labels.c.no_case,
    labels.c.entry,
    sqlite_where=labels.c.no_case.is_not(None),
    postgresql_where=labels.c.no_case.is_not(None),
)
Index("labels_by_person", label_people.c.person, label_people.c.entry)
Index("gaps_by_docking", gap_explanations.c.docking, gap_explanations.c.entry)
Index("gap_answers_by_explanation", gap_answers.c.explained)
Index("requests_by_id", requests.c.request)
Index("requests_by_unit", requests.c.unit, requests.c.entry)
Index("decisions_by_request", decision_requests.c.request)
Index("looks_by_grant", looks.c.grant, looks.c.entry)
Index("sessions_by_id", sessions.c.session)

DESK_TABLES = dict(metadata.tables)
