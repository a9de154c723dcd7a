"""Every way in which the appliance can refuse or fail, grouped by who is at fault.

* EvidenceError
  + UsageError              a person asked for something that cannot be done
  + IntegrityError          bytes are not the bytes that were promised; never retried, always told
    - DigestMismatchError
    - ProofError            a Merkle proof, a root or a signature does not hold
    - LedgerForkError       two histories: a rollback, a second branch, a foreign writer
    - MalformedError        an encoding of ours that is not canonical
  + CustodyError            the request is understood and refused
    - UnknownSegmentError
    - ConflictError         the ledger moved on: an ``expect`` did not hold
    - CertificateError      an erase that no certificate, or not this one, covers
    - RefusedError          a rule stands in the way; it names the rows and their articles
    - NotSignedInError      nobody is signed in, or not recently enough
  + DeviceError             the recorder let us down
    - UnpluggedError        it is gone: the docking ends
    - DeadlineError         it does not answer: the docking ends
    - UnreadableError       this one file cannot be read: it stays, the others go on
    - UnknownRecorderError  no driver claims this path
    - EraseError            it did not forget what it was told to forget
  + ParserError             a fenced child refused, crashed, or ran into a limit
  + VaultError              our own storage let us down
    - VaultUnavailableError
    - NoSpaceError
    - FsyncFailedError      what the medium holds is unknown: the process stops, nothing is retried
    - LedgerUnavailableError the ledger process cannot be reached or has stopped
    - ObjectConflictError   other bytes already lie under this name

An error carries a ``word`` and facts, not a sentence: the sentence that a person reads comes from
the message catalogue under ``error.<word>`` (``appliance/messages``).  HTTP status and exit codes
are tables outside this module.
"""


class EvidenceError(Exception):
    """Base of all errors raised on purpose: a word of the message catalogue, and its facts."""

    def __init__(self, word: str, /, **facts: object) -> None:
        self.word = word
        self.facts = facts
        super().__init__(word, facts)

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value!s}" for name, value in self.facts.items())
        return f"{self.word} ({facts})" if facts else self.word


class UsageError(EvidenceError):
    """A person asked for something that cannot be done; nothing was changed."""


class IntegrityError(EvidenceError):
    """Bytes differ from what was promised.  Never retried, always told."""


class DigestMismatchError(IntegrityError):
    """A second reading gave another digest than the first."""


class ProofError(IntegrityError):
    """A Merkle proof, a root or a signature does not hold."""


class LedgerForkError(IntegrityError):
    """Two histories of one ledger: a rollback, a second branch, or a foreign writer."""


class MalformedError(IntegrityError):
    """An encoding that is not the one canonical encoding."""


class CustodyError(EvidenceError):
    """The request is understood and refused."""


class UnknownSegmentError(CustodyError):
    """No segment, or more than one, has this name."""


class ConflictError(CustodyError):
    """The ledger moved on since the caller looked: an ``expect`` did not hold."""


class CertificateError(CustodyError):
    """An erase that no certificate, or not this one, covers."""


class RefusedError(CustodyError):
    """Rules stand in the way: fact ``rows`` lists every one of them (custody/permission.py)."""


class NotSignedInError(CustodyError):
    """Nobody is signed in, or the signature of the person is missing or too old."""


class DeviceError(EvidenceError):
    """The recorder let us down; docking it again may help."""


class UnpluggedError(DeviceError):
    """The recorder is gone.  Ends the docking."""


class DeadlineError(DeviceError):
    """The recorder does not answer in time.  Ends the docking."""


class UnreadableError(DeviceError):
    """This one file cannot be read.  It stays on the recorder; the others go on."""


class UnknownRecorderError(DeviceError):
    """No driver claims this path."""


class EraseError(DeviceError):
    """The recorder did not forget what it was told to forget."""


class ParserError(EvidenceError):
    """A fenced child refused its input, crashed, or ran into a limit (``word`` says which)."""


class VaultError(EvidenceError):
    """Our own storage let us down."""


class VaultUnavailableError(VaultError):
    """The vault did not answer, or a write to it failed."""


class NoSpaceError(VaultError):
    """The reserve of free space would be touched; intake stops, the ledger goes on."""


class FsyncFailedError(VaultError):
    """A sync failed: what the medium holds is unknown.  Never retried; the process stops."""


class LedgerUnavailableError(VaultError):
    """The ledger process cannot be reached, or has stopped."""


class ObjectConflictError(VaultError):
    """Other bytes already lie under this name."""
