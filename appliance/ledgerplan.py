"""What a ledger process is told: plain words, so that who starts one loads none of its code."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class LedgerPlan:
    """One JSON object on the command line of ``appliance/ledgerd.py`` (no secret in it)."""

    home: str
    lock: str  # path of the lock database; empty: inside the home
    socket: str
    catalogue: str  # path of the SQLite file
    origin: str
    station: str
    software: str
    linger_s: int | None  # None: until SIGTERM
    time_zone: str = "Asia/Shanghai"  # of the station: an end is lawful by its calendar
    access: str = ""  # path of the file of who decides; empty: the shipped one
    demo_keys: bool = False  # keys in files may sign: the demo

    def text(self) -> str:
        """Return the plan as it travels."""
        return json.dumps(asdict(self))
