"""The schema of the catalogue, in one place.

Rows are only ever inserted, and every row carries ``entry``, the index of the entry that it comes
from.  So one ledger gives the same rows however it was cut into batches, nothing that comes later
changes an older row, and no ledger, however odd, runs into a constraint.

What names a person or a place stands in the tables whose names end in ``_private``, and nowhere
else: it comes from statements, is missing once a key is destroyed, and can be granted to fewer
processes than the rest.  Times are milliseconds since 1970 UTC.  Nothing here is evidence.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)

SCHEMA = 3  # another number: the catalogue is made anew, never altered in place

metadata = MetaData()

# SQLite keeps a table in the order of its key only when the type is literally INTEGER.
_NUMBER = BigInteger().with_variant(Integer, "sqlite")


def _number(name: str, *, null: bool = False, key: bool = False) -> Column[int]:
    return Column(name, _NUMBER, nullable=null, primary_key=key, autoincrement=False)


def _text(name: str, *, null: bool = False) -> Column[str]:
    return Column(name, Text, nullable=null)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


def _entry() -> Column[int]:
    """Return the key of a table, or the first column of its key."""
    return _number("entry", key=True)


def _nth() -> tuple[Column[int], Column[int]]:
    """Return the key of a table with several rows for one entry, numbered in its order.

    Such a table says ``sqlite_with_rowid=False``: its key orders it, and needs no index beside.
    """
    return _number("entry", key=True), _number("n", key=True)


meta = Table(
    "meta",
    metadata,
    _number("one", key=True),  # always 1: there is one row
    _number("version"),
    _number("applied"),  # entries
)
origins = Table(
    "origins", metadata, _entry(), _text("origin"), _text("vkey"), _text("software", null=True)
)
events = Table("events", metadata, _entry(), _text("type"), _number("at"), _text("actor"))
event_subjects = Table(  # of every entry but sightings, which say it themselves
    "event_subjects",
    metadata,
    _entry(),
    Column("subject", Text, primary_key=True),
    sqlite_with_rowid=False,
)
configurations = Table(  # texts are canonical JSON
    "configurations",
    metadata,
    _entry(),
    _text("sha256"),
    _text("settings"),
    _text("changed"),
    _text("software"),
)
unreadable = Table(  # entries, or their statements, of whose form no reader of ours knows
    "unreadable", metadata, _entry(), _text("field")
)


dockings = Table(
    "dockings",
    metadata,
    _entry(),
    _text("docking"),
    _text("recorder", null=True),
    _text("slot"),
    _text("driver"),
    _number("opened_at"),
    _number("battery", null=True),  # percent
    _text("after"),
)
identities = Table("identities", metadata, _entry(), _text("docking"), _flag("agrees"))
docking_private = Table(  # of docking.opened and of identity.observed
    "docking_private",
    metadata,
    _entry(),
    _text("docking"),
    _text("place", null=True),
    _text("serial", null=True),
    _text("maker", null=True),
    _text("device", null=True),
    _text("officer", null=True),
    _text("unit", null=True),
    _text("volume", null=True),
)
inventories = Table(
    "inventories",
    metadata,
    _entry(),
    _text("docking"),
    _number("taken_at"),
    _number("files"),
    _number("bytes"),
    _number("deleted"),
    _text("file_system", null=True),
    _number("total_bytes", null=True),
    _number("free_bytes", null=True),
    _text("clock_kind"),
    _number("clock_offset_ms", null=True),
    _text("clock_how"),
)
inventory_private = Table(  # n is the line
    "inventory_private",
    metadata,
    *_nth(),
    _text("path"),
    _number("size"),
    _number("modified", null=True),
    _number("created", null=True),
    _flag("deleted"),
    sqlite_with_rowid=False,
)
segments = Table(
    "segments",
    metadata,
    _entry(),
    _text("sha256"),
    _number("size"),
    _text("kind"),
    _text("container", null=True),
    _number("duration_ms", null=True),
    _text("codecs"),  # of the tracks in their order, joined by a blank
    _number("width", null=True),  # of the first track that has one
    _number("height", null=True),
    _number("sealed_at"),
)
sightings = Table(  # the first sighting of a segment is the row with entry = segment
    "sightings",
    metadata,
    _entry(),
    _number("segment"),  # entry of the segment
    _text("docking"),
    _number("line"),
    _number("inventory"),
    _text("recorder", null=True),
    _text("slot", null=True),
    _text("kind", null=True),
    _flag("important"),
    _number("at"),  # best known beginning: the order of every list (vault/projection.py)
    _number("claimed_at", null=True),
    _text("claimed_from", null=True),
    _number("corrected_at", null=True),
)
sighting_private = Table(
    "sighting_private",
    metadata,
    _entry(),
    _number("segment"),
    _number("at"),
    _text("path"),
    _text("maker", null=True),
    _text("device", null=True),
    _text("officer", null=True),
    _number("number", null=True),
)
sighting_findings = Table(  # each code once, so that a list can follow them in its order
    "sighting_findings",
    metadata,
    _entry(),
    Column("finding", Text, primary_key=True),
    _number("at"),
    sqlite_with_rowid=False,
)
findings = Table(
    "findings",
    metadata,
    *_nth(),
    _text("finding"),
    _text("docking", null=True),
    _number("line", null=True),
    _number("segment", null=True),  # entry of the segment
    _text("facts"),  # canonical JSON
    sqlite_with_rowid=False,
)
left_behind = Table(
    "left_behind", metadata, _entry(), _text("docking"), _number("line"), _text("because")
)
seams = Table(
    "seams",
    metadata,
    *_nth(),
    _text("docking"),
    _text("before", null=True),  # s:…
    _text("after", null=True),
    _number("before_line", null=True),
    _number("after_line", null=True),
    _text("kind"),
    _number("ms", null=True),
    _text("because", null=True),
    sqlite_with_rowid=False,
)
certificates = Table(
    "certificates",
    metadata,
    _entry(),
    _text("docking"),
    _text("act"),
    _number("part"),
    _number("parts"),
    _flag("whole"),
    _number("lines"),  # how many lines of the inventory it names
)
erasures = Table(
    "erasures", metadata, _entry(), _text("docking"), _number("lines"), _number("remaining")
)
endings = Table(
    "endings",
    metadata,
    _entry(),
    _text("docking"),
    _number("ended_at"),
    _text("outcome"),
    _text("recorder"),  # kept, confirmed, erased
    _number("files"),
    _number("sealed"),
    _number("seen"),
    _number("left"),
    _number("bytes"),
    _number("ms"),
    _text("because", null=True),
)
alarms = Table("alarms", metadata, _entry(), _text("alarm"), _text("facts"))
clock_steps = Table(
    "clock_steps", metadata, _entry(), _number("before", null=True), _number("after")
)
audits = Table(
    "audits",
    metadata,
    _entry(),
    _text("level"),
    _number("size"),
    _text("root"),
    _number("findings"),
    _text("verdict"),
)

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
    sqlite_where=text("important = 1"),  # as SQLAlchemy asks it there
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
Index("segments_by_digest", segments.c.sha256)
Index("findings_by_code", findings.c.finding, findings.c.entry, findings.c.n)
Index("findings_by_segment", findings.c.segment, findings.c.finding)
Index("findings_by_docking", findings.c.docking)
Index("seams_by_docking", seams.c.docking)
Index("seams_by_kind", seams.c.kind, seams.c.entry, seams.c.n)
Index("events_by_subject", event_subjects.c.subject, event_subjects.c.entry)
Index("dockings_by_recorder", dockings.c.recorder, dockings.c.entry)
for _table in (identities, docking_private, inventories, certificates, erasures, endings):
    Index(f"{_table.name}_by_docking", _table.c.docking)
Index("left_behind_by_docking", left_behind.c.docking)

# In this order a batch is inserted: what a sighting looks up stands before it.
TABLES = dict(metadata.tables)
