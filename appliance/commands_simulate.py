"""``policy simulate``: what a pack would do to everything in custody, before anybody adopts it."""

from collections.abc import Callable, Mapping

from appliance.call import Call
from appliance.deciding import deciding_for
from appliance.output import Answer, table
from appliance.packs import check_pack, load_pack
from appliance.services import as_json
from appliance.signed_in import actor
from appliance.words import Words
from custody.simulate import Amount, Effect, simulate
from evidence.json import JsonObject

_EFFECTS = ("same", "longer", "shorter", "endless", "ending")


def simulate_pack(call: Call) -> Answer:
    """Tell what adopting a pack now would change, in bytes and days."""
    who, policy = actor(call), load_pack(call.arguments.file)
    check_pack(call, policy)
    deciding = deciding_for(call, who)
    deciding.keeper.allow_here("see_figures")
    kept = (each.kept for each in deciding.all())
    found = simulate(policy, kept, deciding.shelf, deciding.zone, deciding.now)
    words, total = call.words, found.total
    lines = [
        words("simulate.total", count=total.segments, size=total.bytes),
        words("simulate.custody"),
        *_told(words, found.custody),
        words("simulate.fresh"),
        *_told(words, found.fresh),
    ]
    named = {"name": policy.name, "version": policy.version, "sha256": policy.sha256}
    fields: JsonObject = {
        **named,
        "total": _amount(total),
        "custody": as_json(found.custody),
        "fresh": as_json(found.fresh),
    }
    return Answer(fields, lines)


def _told(words: Words, effect: Effect) -> list[str]:
    """Return one row for each thing that becomes of footage; of what becomes of none, nothing."""
    named = ((name, getattr(effect, name)) for name in _EFFECTS)
    rows = [_row(words, name, each) for name, each in named if each.segments]
    return [f"  {line}" for line in table(rows, right=frozenset({1, 2}))]


def _row(words: Words, name: str, amount: Amount) -> list[str]:
    days = ""
    if amount.byte_days:
        mean = amount.byte_days // amount.bytes
        days = words("simulate.days", mean=mean, most=amount.most_days)
    count = words("hold_scope.segments", count=amount.segments)
    return [words(f"simulate.{name}"), count, words.bytes(amount.bytes), days]


def _amount(amount: Amount) -> JsonObject:
    return {"segments": amount.segments, "bytes": amount.bytes}


COMMANDS: Mapping[str, Callable[[Call], Answer]] = {"policy simulate": simulate_pack}
