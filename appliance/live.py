"""What a docking tells while it runs: the observer that keeps the slot's state file up to date."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from appliance.slotstate import SlotState, write_state
from evidence.json import Json
from evidence.states import Listed, Recognised, Sealed

logger = logging.getLogger(__name__)

EVERY_S = 0.2
RATE_WINDOW_S = 3.0
FINDINGS_LIMIT = 500  # told to the display; the ledger has them all


class LiveState:
    """Implements ``evidence.ports.Observer``; called by the reading and by the sealing thread."""

    def __init__(
        self, folder: Path, state: SlotState, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._folder = folder
        self._state = state
        self._monotonic = monotonic
        self._mutex = threading.Lock()
        self._received: dict[int, int] = {}  # line -> bytes that have come
        self._samples: list[tuple[float, int]] = []  # when, bytes in all
        self._next = 0.0
        self._tell(force=True)

    def docking(self, stage: str, **facts: Json) -> None:
        """See ``evidence.ports.Observer``; facts are fields of ``SlotState``."""
        change: dict[str, Any] = {"stage": stage, **facts}
        if stage == "done":
            change["safe_to_take"] = facts.get("outcome") in {"complete", "left_behind"}
        self._change(force=True, **change)

    def progress(self, listed: Listed, done_bytes: int) -> None:
        """See ``evidence.ports.Observer``."""
        with self._mutex:
            self._received[listed.line] = done_bytes
        self._tell()

    def noted(self, listed: Listed | None, finding: str) -> None:
        """See ``evidence.ports.Observer``."""
        del listed
        if len(self._state.findings) < FINDINGS_LIMIT:
            self._change(findings=(*self._state.findings, finding))

    def sealed(self, sealed: Sealed) -> None:
        """See ``evidence.ports.Observer``."""
        state = self._state
        again = sealed.index != sealed.sealed_index
        self._change(
            files_done=state.files_done + 1,
            sealed=state.sealed + (not again),
            seen=state.seen + again,
        )

    def recognised(self, recognised: Recognised) -> None:
        """See ``evidence.ports.Observer``."""
        listed = recognised.listed
        with self._mutex:
            self._received[listed.line] = listed.file.size
        self._change(files_done=self._state.files_done + 1, seen=self._state.seen + 1)

    def left(self, listed: Listed, because: str) -> None:
        """See ``evidence.ports.Observer``."""
        del listed, because
        self._change(left=self._state.left + 1)
        self.noted(None, "left_behind")

    def _change(self, *, force: bool = False, **change: Any) -> None:  # noqa: ANN401 - fields of SlotState
        with self._mutex:
            self._state = replace(self._state, **change)
        self._tell(force=force)

    def _tell(self, *, force: bool = False) -> None:
        now = self._monotonic()
        with self._mutex:
            if now < self._next and not force:
                return
            self._next = now + EVERY_S
            self._state = self._measured(now)
            try:
                write_state(self._folder, self._state)
            except OSError as error:
                logger.warning("the display is not fed: %s", error)  # and no docking stops for it

    def _measured(self, now: float) -> SlotState:
        done = sum(self._received.values())
        rate = self._rate(now, done)
        rest = max(0, self._state.bytes - done)
        return replace(
            self._state,
            bytes_done=done,
            rate_bytes_s=rate,
            eta_s=rest // rate if rate else None,
            at_ms=time.time_ns() // 1_000_000,
        )

    def _rate(self, now: float, done: int) -> int | None:
        self._samples.append((now, done))
        while len(self._samples) > 1 and now - self._samples[0][0] > RATE_WINDOW_S:
            self._samples.pop(0)
        span = sum(after[0] - before[0] for before, after in pairwise(self._samples))
        return int((done - self._samples[0][1]) / span) if span > 0 else None
