"""``policy``: packs of rules how long things are kept; two people let one hold."""

from collections.abc import Callable, Mapping

from appliance.asking import Shown
from appliance.call import Call
from appliance.output import Answer, table
from appliance.packs import check_pack, load_pack, shipped_packs
from appliance.signed_in import actor
from appliance.words import Words
from custody.adopting import adopt_policy, propose_policy, withdraw_policy
from custody.policies import policy_json
from custody.shelf import read_shelf
from evidence.codec import format_time
from evidence.json import JsonObject
from evidence.keeping import Period, Policy, Proposal, Rule, Shelf

_DAYS = ("grace_days", "warning_days", "undo_days", "label_days")
_DIGEST_SHOWN = 12


def list_packs(call: Call) -> Answer:
    """List the packs that hold or held, what is proposed, and what is shipped."""
    actor(call)
    words, shown, shelf = call.words, Shown(call), _shelf(call)
    names = ("name", "version", "digest", "entry", "state")
    rows = [[words(f"column.{name}") for name in names]]
    rows += [_pack_row(words, each) for each in shelf.policies]
    rows += [_proposal_row(words, shown, each) for each in shelf.proposals.values()]
    known = {each.sha256 for each in shelf.policies}
    rest = [each for each in shipped_packs() if each.sha256 not in known]
    rows += [[*_named(each), "", words("policy.shipped")] for each in rest]
    fields: JsonObject = {
        "policies": [_policy_json(each) for each in shelf.policies],
        "proposals": [_proposal_json(each) for each in shelf.proposals.values()],
        "shipped": [_name_json(each) for each in shipped_packs()],
    }
    return Answer(fields, table(rows, columns=call.terminal.columns))


def show_pack(call: Call) -> Answer:
    """Show every rule of a pack with its article."""
    actor(call)
    policy = _meant(call, call.arguments.pack)
    return Answer({**_name_json(policy), "pack": policy_json(policy)}, _told(call.words, policy))


def check_file(call: Call) -> Answer:
    """Check a file of a pack: its form, its rules, and its items."""
    policy = _loaded(call)
    told = call.words("policy.whole", **_facts(policy))
    return Answer({**_name_json(policy), "pack": policy_json(policy)}, [told])


def propose(call: Call) -> Answer:
    """Propose a pack, word for word; another person adopts it."""
    who, policy = actor(call), _loaded(call)
    entry = propose_policy(call.services.desk, who, policy)
    told = call.words("policy.proposed", entry=entry, **_facts(policy))
    return Answer({**_name_json(policy), "entry": entry}, [told])


def adopt(call: Call) -> Answer:
    """Let a proposed pack hold from now on."""
    who, proposed = actor(call), call.arguments.entry
    entry = adopt_policy(call.services.desk, who, proposed)
    told = call.words("policy.adopted", proposed=proposed, entry=entry)
    return Answer({"proposed": proposed, "entry": entry}, [told])


def withdraw(call: Call) -> Answer:
    """Take a proposal away before anybody adopts it."""
    who, proposed = actor(call), call.arguments.entry
    entry = withdraw_policy(call.services.desk, who, proposed)
    told = call.words("policy.withdrawn", proposed=proposed, entry=entry)
    return Answer({"proposed": proposed, "entry": entry}, [told])


def _loaded(call: Call) -> Policy:
    policy = load_pack(call.arguments.file)
    check_pack(call, policy)
    return policy


def _shelf(call: Call) -> Shelf:
    return read_shelf(call.services.desk.ledger)


def _meant(call: Call, text: str) -> Policy:
    """Return a pack by the entry that proposed or adopted it, by its name in force, or a file."""
    shelf = _shelf(call)
    if text.isdecimal():
        proposed = shelf.proposals.get(int(text))
        adopted = next((each for each in shelf.policies if each.entry == int(text)), None)
        found = proposed.policy if proposed else adopted
    else:
        found = next((each for each in shelf.in_force() if each.name == text), None)
    return found or load_pack(text)


def _named(policy: Policy) -> list[str]:
    return [policy.name, policy.version, policy.sha256[:_DIGEST_SHOWN]]


def _facts(policy: Policy) -> Mapping[str, str]:
    return {"name": policy.name, "version": policy.version, "sha256": policy.sha256}


def _pack_row(words: Words, policy: Policy) -> list[str]:
    key = "policy.holds" if policy.replaced is None else "policy.replaced"
    return [*_named(policy), str(policy.entry), words(key, entry=policy.replaced)]


def _proposal_row(words: Words, shown: Shown, proposal: Proposal) -> list[str]:
    told = words("policy.waits", who=shown.person(proposal.by), at=shown.time(proposal.at))
    return [*_named(proposal.policy), str(proposal.entry), told]


def _told(words: Words, policy: Policy) -> list[str]:
    rows = [[words(f"column.{name}") for name in ("rule", "period", "article", "item")]]
    rows += [_rule_row(words, each) for each in (policy.standard, *policy.rules)]
    reasons = [[words(f"hold_reason.{code}"), article] for code, article in policy.reasons.items()]
    days = [[words(f"policy.{name}"), str(getattr(policy, name))] for name in _DAYS]
    lines = [words("policy.pack", **_facts(policy)), *table(rows)]
    if policy.case_file is not None:
        lines.append(words("policy.case_file", period=period_told(words, policy.case_file)))
    lines += [words("policy.reasons"), *table(reasons)] if reasons else []
    return [*lines, *table(days), words("policy.because", because=policy.grace_because)]


def _rule_row(words: Words, rule: Rule) -> list[str]:
    period = period_told(words, rule.period)
    if rule.start == "case_closed" and rule.period.kind != "case_file":
        period = words("policy.from_close", period=period)
    return [rule.id, period, rule.article, words("list.comma").join(rule.items)]


def period_told(words: Words, period: Period) -> str:
    """Return how long in words."""
    return words(f"period.{period.kind}", count=period.count)


def _name_json(policy: Policy) -> JsonObject:
    return {"name": policy.name, "version": policy.version, "sha256": policy.sha256}


def _policy_json(policy: Policy) -> JsonObject:
    return {**_name_json(policy), "entry": policy.entry, "replaced": policy.replaced}


def _proposal_json(proposal: Proposal) -> JsonObject:
    return {
        **_name_json(proposal.policy),
        "entry": proposal.entry,
        "by": proposal.by,
        "at": format_time(proposal.at),
    }


COMMANDS: Mapping[str, Callable[[Call], Answer]] = {
    "policy list": list_packs,
    "policy show": show_pack,
    "policy check": check_file,
    "policy propose": propose,
    "policy adopt": adopt,
    "policy withdraw": withdraw,
}
