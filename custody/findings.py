"""What an audit can find.  A checker names and never repairs (invariant 7)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from evidence.json import JsonObject

FINDINGS_LIMIT = 10_000  # kept in one report; further ones are only counted


class AuditFinding(StrEnum):
    """The code of a finding; its words are in the message catalogue under ``audit.<code>``.

    The facts of each stand behind it.
    """

    # the signed tree
    CHECKPOINT_MISSING = "checkpoint_missing"
    CHECKPOINT_MALFORMED = "checkpoint_malformed"  # because
    SIGNATURE_WRONG = "signature_wrong"  # because: not signed by this ledger's key
    ORIGIN_WRONG = "origin_wrong"  # expected, found
    BUNDLE_MISSING = "bundle_missing"  # path
    BUNDLE_MALFORMED = "bundle_malformed"  # path
    TILE_MISSING = "tile_missing"  # path
    TILE_DIFFERS = "tile_differs"  # path
    ENTRY_DIFFERS = "entry_differs"  # its bytes are not those that were signed
    ROOT_DIFFERS = "root_differs"  # expected, found: the entries are not those that were signed
    TREE_AHEAD = "tree_ahead"  # path, size: the checkpoint is older than the tree (a rollback)
    STRAY_FILE = "stray_file"  # path: lies in the tree and belongs to none
    ROLLED_BACK = "rolled_back"  # known, size: an earlier checkpoint has seen a larger tree
    HISTORY_REWRITTEN = "history_rewritten"  # size: an earlier checkpoint has another root
    KNOWN_FOREIGN = "known_foreign"  # because: the earlier checkpoint is not of this ledger's key
    # the ledger process
    LEDGER_REFUSES = "ledger_refuses"  # because: it does not start over what lies here
    CONFIGURATION_DIFFERS = "configuration_differs"  # expected, found: origins
    CONFIGURATION_UNDECLARED = "configuration_undeclared"  # keys, count: not the last written down
    AUDIT_UNRECORDED = "audit_unrecorded"  # because: the audit is not in the ledger
    # the entries, one by one
    ENTRY_MALFORMED = "entry_malformed"  # because
    SEQ_WRONG = "seq_wrong"  # seq
    TIME_WENT_BACK = "time_went_back"  # at, before
    FROM_THE_FUTURE = "from_the_future"  # at, now
    ABOUT_WRONG = "about_wrong"  # given, expected: the history of a subject is not complete
    STATION_WRONG = "station_wrong"  # expected, found
    START_WRONG = "start_wrong"  # entry 0 does not found this ledger
    STARTED_AGAIN = "started_again"
    BODY_MALFORMED = "body_malformed"  # field
    # the statements behind them
    STATEMENT_ABSENT = "statement_absent"  # which: such an entry always has one
    STATEMENT_MISSING = "statement_missing"
    STATEMENT_DAMAGED = "statement_damaged"  # because
    STATEMENT_MISPLACED = "statement_misplaced"  # it is kept as if for another entry or subject
    STATEMENTS_UNLISTED = "statements_unlisted"  # because: what is kept cannot be gone through
    KEY_MISSING = "key_missing"  # and no entry destroys it
    RECORDER_DIFFERS = "recorder_differs"  # its id does not follow from its name and our secret
    INVENTORY_DIFFERS = "inventory_differs"  # the lines are not those that were counted and rooted
    # what the entries say together
    SUBJECT_WRONG = "subject_wrong"  # the entry does not name the subject that it speaks of
    DOCKING_UNKNOWN = "docking_unknown"  # which: before any opening of that docking
    DOCKING_OPENED_TWICE = "docking_opened_twice"
    DOCKING_GOES_ON = "docking_goes_on"  # which: after its end
    NO_INVENTORY = "no_inventory"  # which: before everything on the recorder was written down
    INVENTORY_TWICE = "inventory_twice"
    LINE_UNKNOWN = "line_unknown"  # line, files: no such file in the inventory
    LINE_TWICE = "line_twice"  # line: one file sighted twice in one docking
    SEALED_TWICE = "sealed_twice"  # sealed
    SEAL_UNKNOWN = "seal_unknown"  # sealed: that entry does not seal this segment
    CERTIFIED_UNSEALED = "certified_unsealed"  # line: may be forgotten, is not in custody
    CERTIFIED_NOT_WHOLE = "certified_not_whole"  # line: not read to its listed end
    CERTIFIED_OTHERWISE = "certified_otherwise"  # lines and named segments do not agree
    CERTIFICATE_NOT_WHOLE = "certificate_not_whole"  # lines, files: says it names everything
    ERASED_UNCERTIFIED = "erased_uncertified"  # line
    SEAM_UNKNOWN = "seam_unknown"  # line: between files that are not in custody so
    DOCKING_COUNTS = "docking_counts"  # claimed, found: says more than the ledger has
    # what people did
    LOOK_OPEN = "look_open"  # opened: copy.closed is long overdue, and nobody counts what leaves
    RULES_UNADOPTED = "rules_unadopted"  # rules, adopted: a decision under others, by digest
    FIRST_UNKNOWN = "first_unknown"  # which: no first person has said that
    WEEK_WRONG = "week_wrong"  # because: the fields of a closing that are not so
    SECONDED_ALONE = "seconded_alone"  # first: by the same person; it counts as not done
    ALARM_UNKNOWN = "alarm_unknown"  # which: an answer to what is no such alarm
    CLEARED_UNPROVEN = "cleared_unproven"  # which: without an auditor, or without their audit
    # what was disposed of
    DISPOSED_UNLAWFULLY = "disposed_unlawfully"  # because: what was in the way
    OBJECT_UNDEAD = "object_undead"  # its bytes are said to be gone, and are there
    WORDS_UNDEAD = "words_undead"  # sealed: its statement is said to be unreadable, and is read
    # the vault
    OBJECT_MISSING = "object_missing"
    OBJECT_SIZE = "object_size"  # expected, found
    OBJECT_DIGEST = "object_digest"  # found
    OBJECT_UNREADABLE = "object_unreadable"  # because
    SLICES_MISSING = "slices_missing"  # sha256: the roll of slices is not there
    SLICES_DAMAGED = "slices_damaged"  # because: the roll is not the one that was sealed
    SLICES_DIFFER = "slices_differ"  # slices (how many), first, offset (of the first)
    OBJECT_UNGUARDED = "object_unguarded"  # name, because: not kept as it was placed
    OBJECT_UNPLACED = "object_unplaced"  # name, ours, size: no entry speaks of it
    # what can be made again
    INDEX_DIFFERS = "index_differs"  # expected, found: subject -> last entry
    INDEX_UNREADABLE = "index_unreadable"  # because
    INDEX_INVENTS = "index_invents"  # expected, found: how many subjects
    CATALOGUE_DIFFERS = "catalogue_differs"  # table, difference
    CATALOGUE_UNREADABLE = "catalogue_unreadable"  # because


# Not as it should be, but no evidence is the worse for it.
HARMLESS = frozenset(
    {
        AuditFinding.STRAY_FILE,
        AuditFinding.CONFIGURATION_DIFFERS,
        AuditFinding.CONFIGURATION_UNDECLARED,
        AuditFinding.AUDIT_UNRECORDED,
        AuditFinding.STATEMENT_MISPLACED,
        AuditFinding.LOOK_OPEN,
        AuditFinding.RULES_UNADOPTED,
        AuditFinding.WEEK_WRONG,
        AuditFinding.OBJECT_UNGUARDED,
        AuditFinding.OBJECT_UNPLACED,
        AuditFinding.INDEX_DIFFERS,
        AuditFinding.INDEX_UNREADABLE,
        AuditFinding.INDEX_INVENTS,
        AuditFinding.CATALOGUE_DIFFERS,
        AuditFinding.CATALOGUE_UNREADABLE,
    }
)
TIMES = frozenset({AuditFinding.TIME_WENT_BACK, AuditFinding.FROM_THE_FUTURE})
SIGNATURES = frozenset(
    {
        AuditFinding.CHECKPOINT_MISSING,
        AuditFinding.CHECKPOINT_MALFORMED,
        AuditFinding.SIGNATURE_WRONG,
        AuditFinding.ORIGIN_WRONG,
        AuditFinding.KNOWN_FOREIGN,
    }
)


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that is not as it should be, and the entry and subject that it points at."""

    code: AuditFinding
    entry: int | None = None
    subject: str | None = None
    facts: JsonObject = field(default_factory=dict)


class Findings:
    """Collects what is found, up to a limit; beyond it only counts."""

    def __init__(self) -> None:
        self.kept: list[Found] = []
        self.count = 0

    def add(
        self,
        code: AuditFinding,
        entry: int | None = None,
        subject: str | None = None,
        **facts: int | str | bool | None,
    ) -> None:
        """Note one finding."""
        self.extend([Found(code, entry, subject, facts)])

    def extend(self, found: list[Found]) -> None:
        """Note several."""
        self.count += len(found)
        self.kept += found[: max(0, FINDINGS_LIMIT - len(self.kept))]


class Verdict(StrEnum):
    """An answer to one question; there is no answer to all of them."""

    YES = "yes"
    NO = "no"
    NOT_CHECKED = "not_checked"


class Remark(StrEnum):
    """What cannot be proven here, and why: ``remark.<code>`` in the message catalogue."""

    NO_WITNESS = "no_witness"  # a copy of the whole home, put back, cannot be seen from inside
    NO_KNOWN_CHECKPOINT = "no_known_checkpoint"  # nor what a stolen key signed anew
    OWN_CLOCK = "own_clock"  # all times are those of this machine
    CLOCK_SET_BACK = "clock_set_back"  # somebody accepted it: what lies before has wrong times
    NO_PEOPLE = "no_people"  # the home is open: nobody has to say who they are
    NAMES_ONLY = "names_only"  # level presence: no size, no byte was compared
    SIZES_ONLY = "sizes_only"  # level size: no byte of a segment was read
    SLICES_TRUSTED = "slices_trusted"  # level digest: each byte was digested once, as a whole
    OWN_CONFIGURATION = "own_configuration"  # what the configuration was is not in the ledger
    CONFIGURATION_CHANGED = "configuration_changed"  # entries say what and when
    NO_CONFIGURATION = "no_configuration"  # the present configuration was not compared
    NO_STATEMENTS = "no_statements"  # the private facts behind the entries were not looked at
    NO_INDEX = "no_index"  # the index subject -> last entry was not compared
    DISPOSALS_TRUSTED = "disposals_trusted"  # whether they were due was not decided again
    NO_CATALOGUE = "no_catalogue"  # the catalogue was not compared
    UNREAD_ENTRIES = "unread_entries"  # what rests on entries that are not there was not judged
    STRAY_STATEMENTS = "stray_statements"  # of batches that were cut, or of entries cut away
    MORE_FINDINGS = "more_findings"  # than the report keeps


def verdicts(found: Iterable[Found]) -> dict[str, Verdict]:
    """Return the separate answers: intact, signed, witnessed, in_time."""
    codes = {each.code for each in found}
    return {
        "intact": Verdict.NO if codes - HARMLESS - TIMES - SIGNATURES else Verdict.YES,
        "signed": Verdict.NO if codes & SIGNATURES else Verdict.YES,
        "witnessed": Verdict.NOT_CHECKED,
        "in_time": Verdict.NO if codes & TIMES else Verdict.YES,
    }
