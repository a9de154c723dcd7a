"""``dock``: bring what lies on recorders into custody, several side by side."""

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from appliance.call import Call
from appliance.config import SlotSection
from appliance.exits import worst
from appliance.faultlog import open_log
from appliance.home import Home
from appliance.lean import let_go_of_start
from appliance.output import Answer
from appliance.rack import Docked, Rack, is_slot, refused
from appliance.screen import view_for
from appliance.services import After, SlotJob
from appliance.slotlock import SlotLock, take_free_slot, take_slot
from appliance.supervisor import Supervisor
from appliance.troubles import STORAGE
from appliance.view import View, because_words, clock_words
from appliance.words import Words
from evidence.errors import UsageError
from evidence.json import JsonObject

POLL_S = 0.1


def dock(call: Call) -> Answer:
    """Dock every path in a process of its own; one that fails does not stop the others."""
    paths = _distinct(call.arguments.paths)
    settings = call.settings
    opened = call.services.open()
    settings.home.slots.mkdir(parents=True, exist_ok=True)
    if opened.made:
        call.terminal.notice(call.words("dock.made", home=settings.home.path))
    plans = _plans(call, paths, settings.home)
    log = open_log(settings.home)
    supervisor = Supervisor(log)
    rack = Rack(call.services, supervisor, settings.home.slots, settings.config.ingest.hung_after_s)
    view = view_for(call.terminal, call.words)
    let_go_of_start()
    try:
        done = _follow(plans, rack, view)
    finally:
        supervisor.stop((is_slot,))
        rack.drain()  # stopped: what the ledger has not heard of their end, it hears now
        rack.cradle.close()
        view.close()
        log.close()
    return _answer(call, sorted(done, key=lambda each: each.job.number), made=opened.made)


def _distinct(paths: Sequence[str]) -> list[str]:
    """Return the paths made absolute; a card docked twice at once would be told to forget twice."""
    absolute = [str(Path(path).expanduser().absolute()) for path in paths]
    twice = [path for path, n in Counter(str(Path(p).resolve()) for p in absolute).items() if n > 1]
    if twice:
        raise UsageError("path_twice", path=twice[0])
    if not any(_is_there(path) for path in absolute):
        raise UsageError("path_missing", where=absolute[0])
    return absolute


def _is_there(path: str) -> bool:
    try:
        return Path(path).exists()
    except OSError:
        return True  # the slot's process will say what is the matter with it


def _plans(call: Call, paths: Sequence[str], home: Home) -> list[tuple[SlotJob, SlotLock]]:
    """Give each path its slot: the one asked for, the configured one, or a free one."""
    configured = call.settings.config.slots
    numbers = frozenset(slot.number for slot in configured)
    plans: list[tuple[SlotJob, SlotLock]] = []
    for index, path in enumerate(paths):
        slot = _configured(configured, path, call.arguments.slot, index)
        wanted = slot.number if slot else call.arguments.slot and call.arguments.slot + index
        lock = take_slot(home.slots, wanted) if wanted else take_free_slot(home.slots, numbers)
        after: After = call.arguments.after or (slot.after if slot else "keep")
        plans.append((SlotJob(lock.number, path, after, slot.name if slot else ""), lock))
    return plans


def _configured(
    slots: Sequence[SlotSection], path: str, first: int | None, index: int
) -> SlotSection | None:
    if first is not None:
        return next((slot for slot in slots if slot.number == first + index), None)
    return next((slot for slot in slots if slot.path == path), None)


def _follow(plans: Sequence[tuple[SlotJob, SlotLock]], rack: Rack, view: View) -> list[Docked]:
    done: list[Docked] = []
    for job, lock in plans:
        if _is_there(job.path):
            rack.dock(job, lock)
        else:
            done.append(refused(job, "path_missing"))
    while not rack.idle:
        time.sleep(POLL_S)
        done.extend(rack.poll())
        states = [*(each.state for each in done), *rack.states()]
        view.show(sorted(states, key=lambda each: each.slot))
    return done


def _answer(call: Call, done: Sequence[Docked], *, made: bool) -> Answer:
    fields: JsonObject = {
        "home": str(call.settings.home.path),
        "made": made,
        "docked": [docked_json(each) for each in done],
    }
    lines = [line for each in done for line in docked_lines(each, call.words)]
    return Answer(fields, lines, worst([each.exit for each in done]))


def docked_json(done: Docked) -> JsonObject:
    """Return one docking as it stands in the document."""
    state = done.state
    return {
        "slot": state.slot,
        "path": done.job.path,
        "docking": state.docking,
        "recorder": state.recorder,
        "officer": state.officer,
        "clock": {
            "kind": state.clock.get("kind", "unknown"),
            "offset_ms": state.clock.get("offset_ms"),
        },
        "files": state.files,
        "sealed": state.sealed,
        "seen": state.seen,
        "left": state.left,
        "bytes": state.bytes_done,
        "findings": dict(Counter(state.findings)),
        "outcome": state.outcome,
        "told": state.told,
        "because": state.because,
        "safe_to_take": state.safe_to_take,
        "exit": int(done.exit),
    }


def docked_lines(done: Docked, words: Words) -> list[str]:
    """Return one docking as a person reads it."""
    state = done.state
    lines = [
        words(
            f"docked.{state.outcome}",
            slot=state.slot, recorder=state.recorder or done.job.path, files=state.files,
            sealed=state.sealed, seen=state.seen, left=state.left, bytes=state.bytes_done,
        )
    ]  # fmt: skip
    if state.files:
        lines.append("  " + clock_words(state, words))
    lines += [
        "  " + words("docked.noticed", what=_long(code, words), count=count)
        for code, count in Counter(state.findings).most_common()
    ]
    if state.because:
        lines.append("  " + _because(state.because, done.job.path, words))
    if state.told:
        lines.append("  " + words(f"told.{state.told}"))
    return lines


def _long(code: str, words: Words) -> str:
    kind = code.removeprefix("seam_")
    return words(f"seam.{kind}") if kind != code else words(f"finding.{code}")


def _because(word: str, path: str, words: Words) -> str:
    """Return the whole sentence where it needs no more facts than the path, else the short one."""
    key = f"error.{word}"
    # Where our own storage failed, the path of the sentence would be ours, not the recorder's.
    known = set() if word in STORAGE else {"path", "where"}
    if words.has(key) and words.facts_of(key) <= known:
        return words(key, path=path, where=path)
    return because_words(word, words)
