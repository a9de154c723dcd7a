"""A real home with people, spoken to by the real command line: each person at a desk of their own.

``founded(folder)`` runs setup; ``staffed(folder)`` adds a unit, a head, a supervisor, an officer.
"""

import io
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from appliance.cli import _wire, run
from appliance.output import Terminal

PASSWORD = "three short words do"  # noqa: S105 - of people who do not exist
SETUP = (
    "setup", "--organisation", "Bureau", "--admin", "Li,000001", "--admin", "Wang,000002",
    "--auditor", "Zhao,000003",
)  # fmt: skip


@dataclass
class Heard:
    """What one command said."""

    code: int
    out: str
    err: str

    @property
    def document(self):
        return json.loads(self.out)


@dataclass
class Station:
    """The home, and who has signed in where."""

    folder: Path
    codes: dict[str, str] = field(default_factory=dict)

    @property
    def home(self):
        return self.folder / "home"

    def run(self, who, *arguments, lang="en"):
        """Run one command as ``who`` (a number; "" is nobody) sits at their own desk.

        ``home`` sits at none: their token lies in the home.
        """
        seat = self.folder / f"seat-{who}"
        seat.mkdir(mode=0o700, exist_ok=True)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "XDG_RUNTIME_DIR": "" if who == "home" else str(seat),
            "DOCKSEAL_LEDGER_LINGER_S": "30",
        }
        out, err, houses = io.StringIO(), io.StringIO(), []
        code = run(
            ["--home", str(self.home), "--lang", lang, *arguments],
            environment,
            lambda settings: houses.append(_wire(settings)) or houses[-1],
            lambda as_json, quiet: Terminal(out, err, as_json, quiet),
        )
        for house in houses:
            house.close()
        return Heard(int(code), out.getvalue(), err.getvalue())

    def do(self, who, *arguments):
        """Run a command that must succeed, and return its document."""
        heard = self.run(who, *arguments, "--json")
        assert heard.code == 0, (arguments, heard.err, heard.out)
        return heard.document

    def secrets(self, *lines):
        """Return a file with these secrets, for --password-file."""
        file = self.folder / "secrets"
        file.write_text("\n".join(lines) + "\n")
        return str(file)

    def take_code(self, who, code):
        """Set the password by a code; signs in."""
        file = self.secrets(code, PASSWORD)
        return self.do(who, "login", "--code", "--password-file", file)

    def sign_in(self, who):
        """Sign in again: then the proof is fresh."""
        return self.do(who, "login", who, "--password-file", self.secrets(PASSWORD))

    def enrol(self, number, name, unit, role=None):
        """Let the first administrator enrol somebody, who then signs in."""
        told = self.do("000001", "people", "enrol", name, "--unit", unit, "--number", number)
        self.take_code(number, told["code"])
        if role:
            self.do("000001", "role", "grant", number, role, unit)
        return told["person"]


def founded(folder):
    """Return a station where setup has just run, and all three have signed in."""
    station = Station(folder)
    told = station.do("", *SETUP)
    station.codes = {each["account"]: each["code"] for each in told["people"]}
    for account, code in station.codes.items():
        station.take_code(account, code)
    return station


def staffed(folder):
    """Return a founded station with a unit East and a few people in it."""
    station = founded(folder)
    station.do("000001", "unit", "add", "East", "--enforcing")
    station.enrol("000010", "Head", "East", "head")
    station.enrol("000012", "Supervisor", "East", "supervisor")
    station.enrol("012345", "Chen", "East", "officer")
    return station
