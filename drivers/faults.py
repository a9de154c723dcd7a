"""Every way in which a recorder can fail us, to be had on request from a simulated one."""

from dataclasses import dataclass
from enum import StrEnum

from drivers.claims import ClaimError, Claims
from evidence.json import Json

MOST_BYTES = 2**53 - 1
MOST_MS = 3_600_000
NAME = 4096  # characters of a path


class Fault(StrEnum):
    """What goes wrong.  ``file`` (a path as listed) narrows it to one file; else it is any."""

    UNPLUGGED = "unplugged"
    """The cable is pulled once ``bytes`` of ``file``, or of all files together, were read."""
    READ_ERROR = "read_error"
    """The medium has a bad place at ``bytes`` of ``file``: this file is unreadable."""
    SHORT_READ = "short_read"
    """The file ends at ``bytes``, before its listed size, without an error."""
    HANG = "hang"
    """No answer from ``bytes`` on, for ever: only killing the process ends it."""
    HANG_BOUNDED = "hang_bounded"
    """No answer for ``ms``, then the kernel gives up on the device."""
    SLOW = "slow"
    """Every chunk takes ``ms`` longer."""
    BYTES_CHANGE = "bytes_change"
    """A bit at ``bytes`` is another one from the second reading of the file on."""
    GONE_AT_IDENTITY = "gone_at_identity"
    """It is pulled when it is asked who it is."""
    GONE_AT_LISTING = "gone_at_listing"
    """It is pulled when it is asked what lies on it."""
    LISTING_REFUSED = "listing_refused"
    """Its volume makes no sense."""
    LISTING_LOSES_FILE = "listing_loses_file"
    """From the second listing on ``file`` (or the first one) is not there any more."""
    LISTING_GAINS_FILE = "listing_gains_file"
    """From the second listing on there is a file more, which cannot be read."""
    LISTING_FILE_GROWS = "listing_file_grows"
    """From the second listing on ``file`` (or the first one) is ``bytes`` longer."""
    CLOCK_UNKNOWN = "clock_unknown"
    """It does not tell its time."""
    CLOCK_JUMPS = "clock_jumps"
    """Its clock is ``ms`` further ahead each time it is asked."""
    CLOCK_FAILS = "clock_fails"
    """Asking for its time fails."""
    IDENTITY_EMPTY = "identity_empty"
    """It says nothing of itself."""
    IDENTITY_GARBLED = "identity_garbled"
    """It answers with bytes that are no text."""
    IDENTITY_OF_ANOTHER = "identity_of_another"
    """It answers with the serial and the officer of another recorder."""
    IDENTITY_CHANGES = "identity_changes"
    """From the second question on it is another recorder."""
    BATTERY_LIES = "battery_lies"
    """It says 255 percent, which is nothing that a battery can have."""
    BATTERY_FAILS = "battery_fails"
    """Asking for the battery fails."""
    ERASE_DOES_NOTHING = "erase_does_nothing"
    """It says that it forgot, and forgot nothing."""
    ERASE_TOO_MUCH = "erase_too_much"
    """It forgets everything, whatever it was told."""
    ERASE_HALF = "erase_half"
    """It forgets the first half of what it was told, and says that it is done."""
    ERASE_UNPLUGGED = "erase_unplugged"
    """It is pulled when half is forgotten."""
    ERASE_DONE_UNPLUGGED = "erase_done_unplugged"
    """It forgets all of it, and is pulled before it can say so."""
    ERASE_REFUSED = "erase_refused"
    """It cannot be written to."""


@dataclass(frozen=True, slots=True)
class Injection:
    """One fault and where it strikes."""

    fault: Fault
    file: str | None = None
    bytes: int = 0
    ms: int = 0

    @classmethod
    def load(cls, value: Json) -> "Injection":
        """Read ``{"fault", "file", "bytes", "ms"}``, or its name alone.  Raises ``ClaimError``."""
        claims = Claims({"fault": value} if isinstance(value, str) else value, "faults")
        claims.only("fault", "file", "bytes", "ms")
        name = claims.text("fault", NAME)
        if name not in set(Fault):
            raise ClaimError("fault")
        return cls(
            Fault(name),
            claims.optional_text("file", NAME),
            claims.optional_integer("bytes", MOST_BYTES) or 0,
            claims.optional_integer("ms", MOST_MS) or 0,
        )
