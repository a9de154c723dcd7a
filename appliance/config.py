"""The configuration: ``config/appliance.toml``, typed and frozen; unknown keys are refused.

Each key's unit, default and danger stand in the shipped file, which a test holds equal to the
defaults here.  Which file is read, and what stands over it, is ``appliance/settings.py``.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from appliance.alarm_config import AlarmsSection
from appliance.place import place_of
from appliance.section import Section as _Section
from evidence.errors import UsageError

MIB = 1024 * 1024
PATTERN_GROUPS = frozenset({"maker", "device", "officer", "time", "number", "important"})
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")
_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9.-]{0,98}[a-z0-9])?")


def _a_station(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise PydanticCustomError("station_name", "not a station name")
    return name


def _an_organisation(name: str) -> str:
    if not _DOMAIN.fullmatch(name):
        raise PydanticCustomError("organisation_name", "not a domain name")
    return name


def _a_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise PydanticCustomError("time_zone", "not a time zone") from error
    return name


def _a_day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError as error:
        raise PydanticCustomError("day", "not a day") from error
    return text


def _a_place(text: str) -> str:
    try:
        place_of(text)
    except UsageError as error:
        raise PydanticCustomError("metrics_listen", "not of this machine alone") from error
    return text


class HomeSection(_Section):
    """Where everything lies."""

    path: str = ""


class StationSection(_Section):
    """Who and where we are."""

    organisation: Annotated[str, AfterValidator(_an_organisation)] = "dockseal.example"
    station: Annotated[str, AfterValidator(_a_station)] = "station-1"
    time_zone: Annotated[str, AfterValidator(_a_time_zone)] = "Asia/Shanghai"
    language: Literal["", "en", "zh-CN"] = ""

    @property
    def origin(self) -> str:
        """Return the origin of the ledger's first epoch (DESIGN 3.3)."""
        return f"{self.organisation}/dock/{self.station}/1"


class LedgerSection(_Section):
    """The ledger process."""

    lock_path: str = ""
    linger_s: Annotated[int, Field(ge=0, le=3600)] = 10


class VaultSection(_Section):
    """Where bytes are kept."""

    reserve_bytes: Annotated[int, Field(ge=0, le=2**50)] = 1024 * MIB
    sm3: bool = False


class IngestSection(_Section):
    """From plug to "safe to take"."""

    hung_after_s: Annotated[int, Field(ge=5, le=3600)] = 60
    seam_tolerance_ms: Annotated[int, Field(ge=0, le=60_000)] = 1500
    clock_tolerance_ms: Annotated[int, Field(ge=0, le=3_600_000)] = 60_000
    earliest: Annotated[str, AfterValidator(_a_day)] = "2016-01-01"


class LimitsSection(_Section):
    """What a recorder may claim, and what a child that parses it may use."""

    require_seccomp: bool = True
    memory_bytes: Annotated[int, Field(ge=64 * MIB, le=4096 * MIB)] = 256 * MIB
    cpu_s: Annotated[int, Field(ge=1, le=3600)] = 60
    wall_s: Annotated[int, Field(ge=1, le=7200)] = 300
    silent_s: Annotated[int, Field(ge=1, le=600)] = 30
    files_per_child: Annotated[int, Field(ge=1, le=10_000)] = 64
    answer_bytes: Annotated[int, Field(ge=64 * 1024, le=256 * MIB)] = 64 * MIB
    answer_values: Annotated[int, Field(ge=10_000, le=10_000_000)] = 1_000_000
    max_index_bytes: Annotated[int, Field(ge=MIB, le=1024 * MIB)] = 64 * MIB
    max_samples: Annotated[int, Field(ge=10_000, le=20_000_000)] = 2_000_000
    max_packets: Annotated[int, Field(ge=10_000, le=100_000_000)] = 8_000_000
    max_entries: Annotated[int, Field(ge=100, le=1_000_000)] = 40_000
    max_depth: Annotated[int, Field(ge=4, le=256)] = 32
    max_name_bytes: Annotated[int, Field(ge=255, le=65_536)] = 4096
    max_extents: Annotated[int, Field(ge=1000, le=1_000_000)] = 100_000
    max_extents_per_file: Annotated[int, Field(ge=100, le=1_000_000)] = 32_768
    max_directory_bytes: Annotated[int, Field(ge=2 * MIB, le=256 * MIB)] = 32 * MIB
    max_directories_bytes: Annotated[int, Field(ge=2 * MIB, le=1024 * MIB)] = 256 * MIB
    max_partitions: Annotated[int, Field(ge=1, le=128)] = 64
    max_given_percent: Annotated[int, Field(ge=100, le=1000)] = 110


class AuditSection(_Section):
    """How closely an audit looks."""

    level: Literal["presence", "size", "digest", "slices"] = "digest"
    workers: Annotated[int, Field(ge=0, le=256)] = 0


class KeeperSection(_Section):
    """What the keeper warns of."""

    space_days: Annotated[int, Field(ge=0, le=3650)] = 14


class WeeksSection(_Section):
    """How a unit's week is counted (article 16)."""

    late_after_h: Annotated[int, Field(ge=0, le=48)] = 8


class MetricsSection(_Section):
    """Where this machine's own monitoring asks, and what it calls ready."""

    enabled: bool = False
    listen: Annotated[str, AfterValidator(_a_place)] = "127.0.0.1:9464"
    behind_entries: Annotated[int, Field(ge=0, le=10_000_000)] = 1000


class NamesSection(_Section):
    """Where the patterns of file names stand."""

    file: str = ""


class ItemsSection(_Section):
    """Where the list of items stands that a label may name."""

    file: str = ""


class AccessSection(_Section):
    """Who decides, and whether keys in files may sign."""

    file: str = ""
    demo_keys: bool = False


class HttpSection(_Section):
    """Where browsers are served; under which names, ``dockseal setup`` has asked."""

    enabled: bool = False
    address: str = Field(default="127.0.0.1", min_length=1, max_length=100)
    port: Annotated[int, Field(ge=1, le=65_535)] = 443
    hsts: bool = False


class SlotSection(_Section):
    """One slot of the rack that ``dockseal up`` watches."""

    number: int = Field(ge=1, le=999)
    path: str = Field(min_length=1)
    after: Literal["keep", "confirm", "erase"] = "keep"
    name: str = ""


class Config(_Section):
    """The whole file."""

    home: HomeSection = HomeSection()
    station: StationSection = StationSection()
    ledger: LedgerSection = LedgerSection()
    vault: VaultSection = VaultSection()
    ingest: IngestSection = IngestSection()
    limits: LimitsSection = LimitsSection()
    audit: AuditSection = AuditSection()
    keeper: KeeperSection = KeeperSection()
    weeks: WeeksSection = WeeksSection()
    metrics: MetricsSection = MetricsSection()
    alarms: AlarmsSection = AlarmsSection()
    names: NamesSection = NamesSection()
    items: ItemsSection = ItemsSection()
    access: AccessSection = AccessSection()
    http: HttpSection = HttpSection()
    slots: Annotated[tuple[SlotSection, ...], Field(strict=False, max_length=64)] = ()

    @field_validator("access")
    @classmethod
    def _demo_keys_only_in_a_demo(
        cls, access: AccessSection, told: ValidationInfo
    ) -> AccessSection:
        station = told.data.get("station")  # missing where it is wrong itself: told already
        real = station is not None and not station.organisation.endswith(".example")
        if access.demo_keys and real:
            raise PydanticCustomError("demo_keys", "keys in files sign in a demo only")
        return access

    @field_validator("slots")
    @classmethod
    def _no_slot_twice(cls, slots: tuple[SlotSection, ...]) -> tuple[SlotSection, ...]:
        for what in ("number", "path"):
            values = [getattr(slot, what) for slot in slots]
            if len(set(values)) != len(values):
                raise PydanticCustomError("slot_twice", "a slot stands twice")
        return slots


def _an_expression(text: str) -> str:
    try:
        groups = set(re.compile(text).groupindex)
    except re.error as error:
        raise PydanticCustomError("expression", "{reason}", {"reason": str(error)}) from error
    if groups - PATTERN_GROUPS:
        unknown = ", ".join(sorted(groups - PATTERN_GROUPS))
        raise PydanticCustomError("group", "unknown group", {"groups": unknown})
    return text


class ExampleRow(_Section):
    """A file name, and what its pattern must say of it; times are local, without zone."""

    name: str
    path: str = ""
    maker: str | None = None
    device: str | None = None
    officer: str | None = None
    time: str | None = None
    number: int | None = None
    important: bool = False


class PatternRow(_Section):
    """One ``[[patterns]]`` of ``config/names.toml``."""

    id: str = Field(min_length=1, max_length=40)
    expression: Annotated[str, AfterValidator(_an_expression)]
    time_format: str = ""
    important_paths: Annotated[tuple[str, ...], Field(strict=False)] = ()
    examples: Annotated[tuple[ExampleRow, ...], Field(strict=False)] = ()


class Patterns(_Section):
    """The whole of ``config/names.toml``."""

    patterns: Annotated[tuple[PatternRow, ...], Field(strict=False, max_length=100)] = ()


Complaint = tuple[tuple[str | int, ...], str, Mapping[str, object]]  # key path, code, its facts


Kind = TypeVar("Kind", Config, Patterns)


def check(tree: Mapping[str, Any], kind: type[Kind]) -> Kind | list[Complaint]:
    """Return what ``tree`` (parsed TOML) says as a ``kind``, or everything wrong with it."""
    try:
        return kind.model_validate(tree)
    except ValidationError as error:
        return [
            (row["loc"], row["type"], {"value": _short(row["input"]), **row.get("ctx", {})})
            for row in error.errors(include_url=False)
        ]


def keys_of(section: str) -> Mapping[str, type]:
    """Return the keys of a section with their plain types; none where there is no such section."""
    field = Config.model_fields.get(section)
    model = field.annotation if field else None
    if not (isinstance(model, type) and issubclass(model, _Section)):
        return {}
    return {
        name: item.annotation if isinstance(item.annotation, type) else str
        for name, item in model.model_fields.items()
    }


def keys_at(path: Sequence[str | int]) -> tuple[str, ...]:
    """Return the keys that may stand in the table at ``path`` of either file."""
    tables: Mapping[str, type[_Section]] = {
        "slots": SlotSection,
        "patterns": PatternRow,
        "examples": ExampleRow,
    }
    names = [part for part in path if isinstance(part, str)]
    if not names:
        return tuple(Config.model_fields)
    if names[-1] in tables:
        return tuple(tables[names[-1]].model_fields)
    return tuple(keys_of(names[-1]))


def sections() -> tuple[str, ...]:
    """Return the names of all sections that hold keys, in the order of the file."""
    return tuple(name for name in Config.model_fields if keys_of(name))


def _short(value: object) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else text[:79] + "…"  # noqa: PLR2004 - one line of a screen
