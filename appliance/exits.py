"""Exit codes: the one table.  ``docs/cli.md`` prints it, and a test holds the two together."""

from enum import IntEnum

from evidence.errors import (
    CustodyError,
    DeviceError,
    EvidenceError,
    IntegrityError,
    ParserError,
    UsageError,
    VaultError,
)


class Exit(IntEnum):
    """What a command tells the program that called it."""

    OK = 0
    FINDINGS = 1  # an audit or a verification found something that is not as it should be
    USAGE = 2  # the command line or the configuration has a mistake; nothing was changed
    LEFT_BEHIND = 3  # a docking ended, but something stays on a recorder
    DEVICE = 4  # a recorder could not be read, or was taken away too early
    VAULT = 5  # vault or ledger did not answer, or there is no room
    INTEGRITY = 6  # bytes are not the bytes that were promised: tell somebody
    REFUSED = 7  # understood, and refused
    INTERNAL = 70  # a fault of ours; the log of the home has the details
    INTERRUPTED = 130  # stopped by Ctrl-C or SIGINT
    PIPE_CLOSED = 141  # whoever read our output went away
    TERMINATED = 143  # stopped by SIGTERM


FAULTS: tuple[tuple[type[EvidenceError], Exit], ...] = (
    (UsageError, Exit.USAGE),
    (IntegrityError, Exit.INTEGRITY),
    (CustodyError, Exit.REFUSED),
    (DeviceError, Exit.DEVICE),
    (ParserError, Exit.DEVICE),  # what was being read is at fault, not who reads
    (VaultError, Exit.VAULT),
)


def exit_of(error: EvidenceError) -> Exit:
    """Return the exit code that stands for an error; INTERNAL where the table has no row."""
    return next((code for kind, code in FAULTS if isinstance(error, kind)), Exit.INTERNAL)


def worst(codes: list[Exit]) -> Exit:
    """Return the one code that several recorders docked side by side end with.

    An integrity alarm outranks everything; then our own storage, then the recorders.
    """
    order = (
        Exit.INTEGRITY,
        Exit.INTERNAL,
        Exit.VAULT,
        Exit.DEVICE,
        Exit.REFUSED,
        Exit.LEFT_BEHIND,
        Exit.INTERRUPTED,
    )
    return next((code for code in order if code in codes), Exit.OK)
