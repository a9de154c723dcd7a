"""What a person sees while recorders are read: a live picture, or plain lines."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

from appliance.output import Terminal
from appliance.slotstate import SlotState
from appliance.troubles import FULL, STORAGE
from appliance.words import Words, printable

PLAIN_EVERY_S = 1.0  # at most one line for each slot, stage changes apart


class View(Protocol):
    """Shows the slots; called often, decides itself what is worth showing."""

    def show(self, states: Sequence[SlotState]) -> None:
        """Show these slots as they are now."""
        ...

    def say(self, line: str) -> None:
        """Tell a person one line beside the slots."""
        ...

    def close(self) -> None:
        """Leave the terminal as it should be."""
        ...


class Silent:
    """Shows nothing."""

    def show(self, states: Sequence[SlotState]) -> None:
        """Show nothing."""

    def say(self, line: str) -> None:
        """Say nothing."""

    def close(self) -> None:
        """Leave nothing behind."""


class PlainView:
    """One line when something has changed, for logs and for terminals that are none."""

    def __init__(
        self, terminal: Terminal, words: Words, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._terminal = terminal
        self._words = words
        self._monotonic = monotonic
        self._last: dict[int, tuple[float, str, str]] = {}  # when, stage, line

    def show(self, states: Sequence[SlotState]) -> None:
        """Write a line for every slot that has something new to say."""
        now = self._monotonic()
        for state in states:
            when, stage, before = self._last.get(state.slot, (0.0, "", ""))
            line = plain_line(state, self._words)
            due = state.stage != stage or now - when >= PLAIN_EVERY_S
            if line != before and due:
                self._last[state.slot] = (now, state.stage, line)
                self._terminal.notice(line)

    def say(self, line: str) -> None:
        """Write the line."""
        self._terminal.notice(line)

    def close(self) -> None:
        """Nothing to put back."""


def plain_line(state: SlotState, words: Words) -> str:
    """Return one slot as one line: stage, who, how far, what was noticed."""
    parts = [words("plain.slot", slot=state.slot), status(state, words)]
    if state.recorder:
        parts.append(printable(state.recorder))
    if state.files:
        parts.append(words("plain.files", done=state.files_done, of=state.files))
        parts.append(words("plain.bytes", done=state.bytes_done, of=state.bytes))
    if state.stage == "inventoried":
        parts.append(clock_words(state, words))
    if state.stage == "reading" and state.rate_bytes_s:
        parts.append(words("plain.rate", rate=state.rate_bytes_s))
    if state.stage == "reading" and state.eta_s is not None:
        parts.append(words("plain.eta", ms=state.eta_s * 1000))
    parts.extend(finding_words(state, words))
    return "  ".join(parts)


def status(state: SlotState, words: Words) -> str:
    """Return what the officer needs to know first: wait, take it, or what went wrong."""
    if state.safe_to_take:
        return words("status.safe")
    if state.ended and state.because in STORAGE:  # nobody took anything too early
        return words("status.full" if state.because in FULL else "status.ours")
    if state.ended:
        return words(f"status.{state.outcome}")
    return words(f"stage.{state.stage}")


def clock_words(state: SlotState, words: Words) -> str:
    """Return what is known of the recorder's clock."""
    kind = state.clock.get("kind", "unknown")
    offset = state.clock.get("offset_ms")
    if kind == "unknown" or not isinstance(offset, int):
        return words("clock.unknown")
    return words(f"clock.{kind}", offset=offset)


def finding_words(state: SlotState, words: Words) -> list[str]:
    """Return what was noticed, each kind once with its count, most frequent first."""
    return [
        words("view.counted", what=_noticed(code, words), count=count)
        if count > 1
        else _noticed(code, words)
        for code, count in Counter(state.findings).most_common()
    ]


def _noticed(code: str, words: Words) -> str:
    kind = code.removeprefix("seam_")
    return words(f"seam.{kind}") if kind != code else words(f"short.{code}")


def because_words(word: str, words: Words) -> str:
    """Return why something is so, as short as there are words for it."""
    key = f"because.{word}"
    return words(key) if words.has(key) else words(f"error.{word}")
