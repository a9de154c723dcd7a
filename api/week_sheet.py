"""The sheet of a closed week: one page to print and sign, Chinese first, English below it.

It carries the entry that closed the week with the hash of its leaf, the checkpoint by which it
counted, and the newest signed checkpoint as it stood when it was printed.  So paper in a file can
be held against the ledger years later: ``dockseal verify --known`` takes that note.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from api.rendering import Local, templates
from api.site import Words
from custody.desk import Desk
from custody.kits import bearer_of
from custody.names import person_name, unit_name
from custody.register import read_register
from custody.tree import Tree
from evidence.merkle import leaf_hash
from evidence.people import ORGANISATION, Register
from evidence.ports import Ledger
from evidence.weeks import Because, Week, What

SHORT = 12  # digits of an id


@dataclass(frozen=True, slots=True)
class Said:
    """The words of the sheet in one language."""

    words: Words

    def __call__(self, key: str, /, **facts: object) -> str:
        """Return a label of the sheet."""
        return self.words(f"sheet.{key}", **facts)

    def what(self, what: What) -> str:
        """Return what is missing."""
        return self.words(f"week_what.{what}")

    def because(self, because: Because) -> str:
        """Return why it is missing."""
        return self.words(f"week_because.{because}")

    def bytes(self, count: int) -> str:
        """Return an amount of bytes."""
        return self.words.bytes(count)


@dataclass(frozen=True, slots=True)
class Named:
    """Says names as they are now; an id where there is none to be read."""

    ledger: Ledger
    register: Register

    def person(self, who: str | None) -> str:
        """Return somebody's name; nobody is a dash."""
        return (person_name(self.ledger, self.register, who) or who) if who else "–"

    def unit(self, unit: str) -> str:
        """Return the name of a unit."""
        return unit_name(self.ledger, self.register, unit) or unit

    def bearer(self, recorder: str) -> str:
        """Return with whom a recorder is."""
        return self.person(bearer_of(self.ledger, recorder))


def sheet_of(desk: Desk, week: Week, zone: tzinfo, words: Sequence[Words]) -> str:
    """Return the sheet of a week that was closed, as HTML that needs nothing else.

    ``words``: of each language, the first one is large.
    """
    tree = Tree(desk.tiles)
    closing = week.closings[-1]
    return (
        templates()
        .get_template("week_sheet.html")
        .render(
            week=week,
            closing=closing,
            leaf=leaf_hash(tree.leaf(closing.entry)).hex(),
            note=tree.note.decode("utf-8", errors="replace"),
            said=[Said(each) for each in words],
            named=Named(desk.ledger, read_register(desk.ledger)),
            whole=ORGANISATION,
            local=Local(zone),
            short=lambda text: text[: len("s:") + SHORT],
        )
    )
