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
    Dialect,
    Index,
    Insert,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    func,
    insert,
    select,
)

SCHEMA = 1  # another number: the catalogue is made anew, never altered in place

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
    """Return the key of a table with at most one row for an entry."""
    return _number("entry", key=True)


def _nth() -> tuple[Column[int], Column[int]]:
    """Return the key of a table with several rows for one entry, numbered in its order."""
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
event_subjects = Table("event_subjects", metadata, *_nth(), _text("subject"))

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
findings = Table(
    "findings",
    metadata,
    *_nth(),
    _text("finding"),
    _text("docking", null=True),
    _number("line", null=True),
    _number("segment", null=True),  # entry of the segment
    _text("facts"),  # canonical JSON
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
clock_steps = Table("clock_steps", metadata, _entry(), _number("before"), _number("after"))
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
for _column in ("recorder", "docking", "slot", "kind", "segment"):
    Index(f"sightings_by_{_column}", sightings.c[_column], sightings.c.at, sightings.c.entry)
Index("sightings_by_time", sightings.c.at, sightings.c.entry)
Index(
    "sightings_by_mark",
    sightings.c.at,
    sightings.c.entry,
    sqlite_where=sightings.c.important,
    postgresql_where=sightings.c.important,
)
Index(
    "sightings_by_officer",
    sighting_private.c.officer,
    sighting_private.c.at,
    sighting_private.c.entry,
)
Index("segments_by_digest", segments.c.sha256)
Index("findings_by_code", findings.c.finding, findings.c.segment)
Index("findings_by_segment", findings.c.segment)
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


def insert_sql(dialect: Dialect) -> dict[str, str]:
    """Return the INSERT of each table in the words of ``dialect``, every value by its name."""
    statements = {name: insert(table) for name, table in TABLES.items()}
    statements[sightings.name] = _insert_sighting()
    return {name: str(each.compile(dialect=dialect)) for name, each in statements.items()}


def _insert_sighting() -> Insert:
    """Look up what the entry of a sighting does not say: its slot, and the kind when seen again.

    Only older entries are asked, so a batch gives what its entries one by one would give.
    """
    given = {column.name: bindparam(column.name, type_=column.type) for column in sightings.c}
    newest = (
        select(func.max(dockings.c.entry))
        .where(dockings.c.docking == given["docking"], dockings.c.entry < given["entry"])
        .scalar_subquery()
    )
    kind = select(segments.c.kind).where(
        segments.c.entry == given["segment"], segments.c.entry < given["entry"]
    )
    looked_up = {
        "slot": select(dockings.c.slot).where(dockings.c.entry == newest).scalar_subquery(),
        "kind": func.coalesce(given["kind"], kind.scalar_subquery()),
    }
    return insert(sightings).from_select(list(given), select(*(given | looked_up).values()))
