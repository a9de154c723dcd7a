"""Which words of a docking accuse no recorder: the one table for exit codes and for trying again.

A live state carries words, not errors: it crosses processes.  A test holds that each word here is
raised by an error of its kind, and that none of a kind is missing.
"""

from collections.abc import Mapping
from typing import Final

# VaultError: our own storage let us down.  True where it can be well again by itself, so that what
# is on the recorder comes into custody as soon as it is; False where a person has to mend it first.
# What an error says of the catalogue is not here, nor what the desk alone meets (``DESK``).
STORAGE: Final[Mapping[str, bool]] = {
    "clock_went_back": True,
    "database_damaged": False,
    "database_failed": True,
    "database_missing": False,
    "file_too_large": False,
    "fsync_failed": True,
    "ledger_busy": True,
    "ledger_crowded": True,
    "ledger_fault": True,
    "ledger_outcome_unknown": True,
    "ledger_stopped": True,
    "ledger_unreachable": True,
    "no_space": True,
    "no_space_left": True,
    "not_a_file": False,
    "object_conflict": False,
    "secret_damaged": False,
    "secret_exposed": False,
    "secret_missing": False,
    "staging_busy": True,
    "vault_io": True,
    "vkey_differs": False,
}
# VaultError at the desk: accounts, copies, counts of what leaves, and the keeper's.  No docking
# meets them.
DESK: Final = frozenset({
    "database_busy", "file_unreadable", "file_unwritable", "meter_busy", "meter_ended", "read_only",
    "meter_part", "password_damaged", "password_unhashed", "too_many_files",
})  # fmt: skip
FULL: Final = frozenset({"no_space", "no_space_left"})  # of these: no room on our disk
# DigestMismatchError: the vault gave back other bytes than it was given.
DAMAGE: Final = frozenset({"object_rotten", "read_back_differs"})
DIED: Final = "slot_died"  # its process ended without a word
HUNG: Final = "slot_hung"  # it gave no sign of life: its device holds it
# Tried again for ever: nothing about the recorder has to change.
AGAIN: Final = frozenset(word for word, heals in STORAGE.items() if heals) | {DIED}
# A recorder that was gone, or silent, before it was listed.
LOOSE: Final = frozenset(
    {"unplugged", "device_shrank", "device_silent", "volume_deadline", "stopped", HUNG}
)
