"""The full-text index of labels, in the words of SQLite; another database has its own here.

It holds no text: it leads from the pairs of ``label_private.grams`` to entries.  Triggers keep it,
so a catalogue that grew and one that was rebuilt have the same; what is deleted is taken out.
"""

from sqlalchemy import ColumnElement, Connection, false, func, literal, text
from sqlalchemy import column as named

from vault.grams import in_grams, phrase

_CREATE = (
    "CREATE VIRTUAL TABLE label_words USING fts5(grams, content='', tokenize='unicode61')",
    (
        "CREATE TRIGGER label_words_in AFTER INSERT ON label_private BEGIN"
        " INSERT INTO label_words(rowid, grams) VALUES (new.entry, new.grams); END"
    ),
    (
        "CREATE TRIGGER label_words_out AFTER DELETE ON label_private BEGIN"
        " INSERT INTO label_words(label_words, rowid, grams)"
        " VALUES ('delete', old.entry, old.grams); END"
    ),
)


def create_full_text(connection: Connection) -> None:
    """Make the index and what keeps it; the tables are there."""
    for statement in _CREATE:
        connection.exec_driver_sql(statement)


def drop_full_text(connection: Connection) -> None:
    """Remove the index; its triggers go with their table."""
    connection.exec_driver_sql("DROP TABLE IF EXISTS label_words")


def purge_full_text(connection: Connection) -> None:
    """Write the index anew without what was deleted: until then its pairs lie in old segments."""
    connection.exec_driver_sql("INSERT INTO label_words(label_words) VALUES ('optimize')")


def found_by(entry: ColumnElement[int], words: str) -> ColumnElement[bool]:
    """Return whether the index leads from ``words`` to ``entry``: its label has every run of them.

    Words without a letter or digit are in no label.
    """
    asked = phrase(words)
    if not asked:
        return false()
    found = text("SELECT rowid FROM label_words WHERE label_words MATCH :asked")
    return entry.in_(found.bindparams(asked=asked).columns(named("rowid")))


def says(grams: ColumnElement[str], words: str) -> list[ColumnElement[bool]]:
    """Return the same of a label that is there, without the index: each run is in its grams."""
    needles = list(in_grams(words))
    padded = literal(" ").concat(grams).concat(" ")
    return [func.instr(padded, each) > 0 for each in needles] or [false()]
