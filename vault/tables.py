"""The schema of the catalogue, in one place.

Rows are only ever inserted, and every row carries ``entry``, the index of the entry that it comes
from.  So one ledger gives the same rows however it was cut into batches, nothing that comes later
changes an older row, and no ledger, however odd, runs into a constraint.

What names a person or a place stands in the tables whose names end in ``_private``, and nowhere
else: it comes from statements, is missing once a key is destroyed, and can be granted to fewer
processes than the rest.  Times are milliseconds since 1970 UTC.  Nothing here is evidence.
"""

from sqlalchemy import Index, Table
from sqlalchemy import text as words

from vault.columns import entry, flag, metadata, nth, number, text
from vault.desk_tables import DESK_TABLES
from vault.keep_tables import KEEP_TABLES

SCHEMA = 7  # another number: the catalogue is made anew, never altered in place

meta = Table(
    "meta",
    metadata,
    number("one", key=True),  # always 1: there is one row
    number("version"),
    number("applied"),  # entries
)
origins = Table(
    "origins", metadata, entry(), text("origin"), text("vkey"), text("software", null=True)
)
events = Table("events", metadata, entry(), text("type"), number("at"), text("actor"))
event_subjects = Table(  # of every entry but sightings, which say it themselves
    "event_subjects",
    metadata,
    entry(),
    text("subject", key=True),
    sqlite_with_rowid=False,
)
configurations = Table(  # texts are canonical JSON
    "configurations",
    metadata,
    entry(),
    text("sha256"),
    text("settings"),
    text("changed"),
    text("software"),
)
unreadable = Table(  # entries, or their statements, of whose form no reader of ours knows
    "unreadable", metadata, entry(), text("field")
)


dockings = Table(
    "dockings",
    metadata,
    entry(),
    text("docking"),
    text("recorder", null=True),
    text("slot"),
    text("driver"),
    number("opened_at"),
    number("battery", null=True),  # percent
    text("after"),
)
identities = Table("identities", metadata, entry(), text("docking"), flag("agrees"))
docking_private = Table(  # of docking.opened and of identity.observed
    "docking_private",
    metadata,
    entry(),
    text("docking"),
    text("place", null=True),
    text("serial", null=True),
    text("maker", null=True),
    text("device", null=True),
    text("officer", null=True),
    text("unit", null=True),
    text("volume", null=True),
)
inventories = Table(
    "inventories",
    metadata,
    entry(),
    text("docking"),
    number("taken_at"),
    number("files"),
    number("bytes"),
    number("deleted"),
    text("file_system", null=True),
    number("total_bytes", null=True),
    number("free_bytes", null=True),
    text("clock_kind"),
    number("clock_offset_ms", null=True),
    text("clock_how"),
)
inventory_private = Table(  # n is the line
    "inventory_private",
    metadata,
    *nth(),
    text("path"),
    number("size"),
    number("modified", null=True),
    number("created", null=True),
    flag("deleted"),
    sqlite_with_rowid=False,
)
segments = Table(
    "segments",
    metadata,
    entry(),
    text("sha256"),
    number("size"),
    text("kind"),
    text("container", null=True),
    number("duration_ms", null=True),
    text("codecs"),  # of the tracks in their order, joined by a blank
    number("width", null=True),  # of the first track that has one
    number("height", null=True),
    number("sealed_at"),
)
sightings = Table(  # the first sighting of a segment is the row with entry = segment
    "sightings",
    metadata,
    entry(),
    number("segment"),  # entry of the segment
    text("docking"),
    number("line"),
    number("inventory"),
    text("recorder", null=True),
    text("slot", null=True),
    text("kind", null=True),
    flag("important"),
    number("at"),  # best known beginning: the order of every list (vault/projection.py)
    number("claimed_at", null=True),
    text("claimed_from", null=True),
    number("corrected_at", null=True),
)
sighting_private = Table(
    "sighting_private",
    metadata,
    entry(),
    number("segment"),
    number("at"),
    text("path"),
    text("maker", null=True),
    text("device", null=True),
    text("officer", null=True),
    number("number", null=True),
)
sighting_findings = Table(  # each code once, so that a list can follow them in its order
    "sighting_findings",
    metadata,
    entry(),
    text("finding", key=True),
    number("at"),
    sqlite_with_rowid=False,
)
findings = Table(
    "findings",
    metadata,
    *nth(),
    text("finding"),
    text("docking", null=True),
    number("line", null=True),
    number("segment", null=True),  # entry of the segment
    text("facts"),  # canonical JSON
    sqlite_with_rowid=False,
)
left_behind = Table(
    "left_behind", metadata, entry(), text("docking"), number("line"), text("because")
)
seams = Table(
    "seams",
    metadata,
    *nth(),
    text("docking"),
    text("before", null=True),  # s:…
    text("after", null=True),
    number("before_line", null=True),
    number("after_line", null=True),
    text("kind"),
    number("ms", null=True),
    text("because", null=True),
    sqlite_with_rowid=False,
)
certificates = Table(
    "certificates",
    metadata,
    entry(),
    text("docking"),
    text("act"),
    number("part"),
    number("parts"),
    flag("whole"),
    number("lines"),  # how many lines of the inventory it names
)
erasures = Table(
    "erasures", metadata, entry(), text("docking"), number("lines"), number("remaining")
)
endings = Table(
    "endings",
    metadata,
    entry(),
    text("docking"),
    number("ended_at"),
    text("outcome"),
    text("recorder"),  # kept, confirmed, erased
    number("files"),
    number("sealed"),
    number("seen"),
    number("left"),
    number("bytes"),
    number("ms"),
    text("because", null=True),
)
alarms = Table("alarms", metadata, entry(), text("alarm"), text("same"), text("facts"))
clock_steps = Table("clock_steps", metadata, entry(), number("before", null=True), number("after"))
audits = Table(
    "audits",
    metadata,
    entry(),
    text("level"),
    number("size"),
    text("root"),
    number("findings"),
    text("verdict"),
)

GAPS = "kind IN ('gap', 'hole', 'truncated')"  # what needs an explanation (custody/gaps.py)

# Also needed while a rebuild inserts rows: a sighting looks up the slot of its docking.
Index("dockings_by_docking", dockings.c.docking, dockings.c.entry)
LOADING = frozenset({"dockings_by_docking"})

# What a list is ordered by stands last in its index, so a page reads only its own rows.
for _column in ("recorder", "docking", "slot", "kind"):
    Index(f"sightings_by_{_column}", sightings.c[_column], sightings.c.at, sightings.c.entry)
Index("sightings_by_time", sightings.c.at, sightings.c.entry)
Index(  # the docking makes it enough to tell a docking's own from thousands (an empty file)
    "sightings_by_segment",
    sightings.c.segment,
    sightings.c.at,
    sightings.c.entry,
    sightings.c.docking,
)
Index(
    "sightings_by_mark",
    sightings.c.at,
    sightings.c.entry,
    sqlite_where=words("important = 1"),  # as SQLAlchemy asks it there
    postgresql_where=sightings.c.important,
)
Index(
    "sightings_by_officer",
    sighting_private.c.officer,
    sighting_private.c.at,
    sighting_private.c.entry,
)
Index(
    "sightings_by_finding",
    sighting_findings.c.finding,
    sighting_findings.c.at,
    sighting_findings.c.entry,
)
Index("alarms_by_same", alarms.c.same, alarms.c.entry)
Index("segments_by_digest", segments.c.sha256)
Index("findings_by_code", findings.c.finding, findings.c.entry, findings.c.n)
Index("findings_by_segment", findings.c.segment, findings.c.finding)
Index("findings_by_docking", findings.c.docking, findings.c.finding)
Index("seams_by_docking", seams.c.docking)
Index("seams_by_kind", seams.c.kind, seams.c.entry, seams.c.n)
for _column in ("before", "after"):
    Index(
        f"gaps_{_column}",
        seams.c[_column],
        sqlite_where=words(GAPS),
        postgresql_where=words(GAPS),
    )
Index("events_by_subject", event_subjects.c.subject, event_subjects.c.entry)
Index("dockings_by_recorder", dockings.c.recorder, dockings.c.entry)
for _table in (identities, docking_private, inventories, certificates, erasures, endings):
    Index(f"{_table.name}_by_docking", _table.c.docking)
Index("left_behind_by_docking", left_behind.c.docking)

# In this order a batch is inserted: what a sighting looks up stands before it.
TABLES = {**DESK_TABLES, **KEEP_TABLES, **metadata.tables}
