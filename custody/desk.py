"""What the acts of asking, deciding and looking are done with: ports and rules, nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from evidence.ports import Clock, Ledger, Meter, Objects, Tiles


@dataclass(frozen=True, slots=True)
class Deciding:
    """One row of who decides (config/access/*.toml), with its article."""

    id: str
    article: str


@dataclass(frozen=True, slots=True)
class PurposeRule:
    """A purpose: its article, and the reason of article 17 for which it proposes a hold."""

    code: str
    article: str
    hold: int | None = None
    letter: bool = False  # an outside demand: carries the number of a letter


@dataclass(frozen=True, slots=True)
class AccessRules:
    """A file of ``config/access``, checked.  ``sha256`` names exactly these rules in the ledger."""

    name: str
    version: str
    sha256: str
    deciding: Mapping[str, Deciding] = field(default_factory=dict)
    purposes: Mapping[str, PurposeRule] = field(default_factory=dict)
    step_up_s: int = 300  # a decision needs a proof that is younger
    password_only: bool = False  # a decision without a key: shown by ledger and audit
    demo_keys: bool = False  # software keys may sign: the demo only
    provide_days: int = 3  # a unit docks by then what the bureau above retrieves
    longest_days: int = 90  # from a question to the end of what is granted on it


@dataclass(frozen=True, slots=True)
class Hosts:
    """Where people sign in and where they sign, as browsers name it; None: not set up."""

    login: str | None = None
    sign: str | None = None
    rp: str | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that an act at the desk needs from the world."""

    ledger: Ledger
    objects: Objects
    tiles: Tiles
    clock: Clock
    meter: Meter
    rules: AccessRules
    hosts: Hosts = field(default_factory=Hosts)
