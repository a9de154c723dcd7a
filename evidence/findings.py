"""What we noticed about a segment, a sighting or a docking.  A finding never stops an ingest."""

from dataclasses import dataclass, field
from enum import StrEnum

from evidence.json import Json, JsonObject


class Finding(StrEnum):
    """The code of a finding; its words are in the message catalogue under ``finding.<code>``."""

    # the file as media
    EMPTY = "empty"  # zero bytes
    NO_INDEX = "no_index"  # no sample table where one belongs (moov missing)
    TRUNCATED = "truncated"  # the index points beyond the end of the file, or a box is cut
    UNDECODABLE = "undecodable"  # nothing recognised it as media although its name says media
    DAMAGED = "damaged"  # structures contradict each other
    GAP_INSIDE = "gap_inside"  # timestamps jump within the file: at_ms, length_ms
    NO_VIDEO = "no_video"
    NO_AUDIO = "no_audio"
    VARIABLE_RATE = "variable_rate"
    PROBE_FAILED = "probe_failed"  # the fenced child crashed or ran into a limit: because
    # the file as it lay on the recorder
    SHORTER_THAN_LISTED = "shorter_than_listed"  # what could be read is kept: got, listed
    NAME_UNKNOWN = "name_unknown"  # no name pattern matched; time from container or directory
    CLOCK_RESET = "clock_reset"  # claimed time before the recorder can have existed
    FROM_THE_FUTURE = "from_the_future"  # claimed time after our own
    TIME_DISAGREES = "time_disagrees"  # name, container and directory tell different times
    IMPORTANT = "important"  # the officer pressed the mark (IMP)
    NAME_TWICE = "name_twice"  # two entries of one directory carry the same name
    BEGINNING_DIFFERS = "beginning_differs"  # kept part of a cut file is not on the recorder now
    DISPOSED_BEFORE = "disposed_before"  # its former stay ended lawfully: disposed (entry)
    # the recorder
    IDENTITY_CONFLICT = "identity_conflict"  # log, names and device name different recorders
    DELETED_FILES = "deleted_files"  # the directory shows deleted entries
    VOLUME_DAMAGED = "volume_damaged"
    LEFT_BEHIND = "left_behind"  # this file stays on the recorder: because


@dataclass(frozen=True, slots=True)
class Noted:
    """A finding with its facts (integers, strings and booleans; no personal data)."""

    finding: Finding
    facts: JsonObject = field(default_factory=dict)

    def json(self) -> dict[str, Json]:
        """Return the form that stands in entries and ``--json`` output."""
        return {"finding": str(self.finding), **self.facts}
