"""A refusal as a person reads it: every rule in the way, with its article."""

from appliance.words import Words
from evidence.errors import RefusedError


def refused_lines(error: RefusedError, words: Words) -> list[str]:
    """Return what is refused, and a line for each row; rows are (id, article)."""
    rows = error.facts.get("rows")
    pairs = rows if isinstance(rows, list | tuple) else []
    told = [words("plan.row", why=words(f"row.{row}"), article=article) for row, article in pairs]
    return [words("error.refused", act=words(f"does.{error.facts.get('act')}")), *told]
