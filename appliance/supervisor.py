"""Child processes: started, watched, ended in order.

Each child leads a process group of its own, so that its own children end with it, and so that a
Ctrl-C at the terminal reaches only us: we end the others in the order that loses nothing.  A child
that hangs in the kernel cannot even be killed; it is given up, and nobody waits for it.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO

from appliance.backoff import Pace
from appliance.parent import told_to

PACE = Pace(first_s=0.5, last_s=30.0, steady_s=10.0)
KILL_AFTER_S = 10.0  # between "please stop" and "stop"
GIVE_UP_AFTER_S = 5.0  # between "stop" and leaving it behind: it hangs in the kernel


@dataclass(frozen=True, slots=True)
class Died:
    """A child that ended: its name, its exit code (negative: the signal), when it comes back."""

    name: str
    code: int
    again_in_s: float | None  # None: it is not started again


@dataclass(slots=True)
class _Child:
    name: str
    command: Sequence[str]
    restart: bool
    inherited: Sequence[int] = ()  # descriptors that it gets under the same numbers
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    again_at: float | None = None
    failures: int = 0


@dataclass(slots=True)
class Supervisor:
    """Runs children by name; ``poll`` says what died, ``stop`` ends all of them."""

    log: IO[bytes] | None = None  # standard error of the children; None: ours
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _children: dict[str, _Child] = field(default_factory=dict)

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        restart: bool = False,
        inherited: Sequence[int] = (),
    ) -> None:
        """Start a child.  Raises ``OSError`` when there is nothing to start."""
        child = _Child(name, tuple(command), restart, inherited)
        self._children[name] = child
        self._spawn(child)

    def running(self, name: str) -> bool:
        """Tell whether a child of this name lives, or waits to be started again."""
        child = self._children.get(name)
        return child is not None and (child.process is not None or child.again_at is not None)

    def poll(self) -> list[Died]:
        """Notice who died since the last call, and start again who is due."""
        news = [self._buried(child) for child in list(self._children.values()) if _dead(child)]
        now = self.monotonic()
        for child in self._children.values():
            if child.again_at is not None and now >= child.again_at:
                self._spawn(child)
        return news

    def kill(self, name: str) -> None:
        """End a child that hangs, with all of its group; do not wait longer than is any use."""
        child = self._children.pop(name, None)
        if child and child.process:
            _signal(child.process, signal.SIGKILL)
            self._wait([child], GIVE_UP_AFTER_S)

    def stop(self, order: Sequence[Callable[[str], bool]] = (lambda _: True,)) -> list[str]:
        """End all children, group after group of ``order``; return who would not end at all.

        The slots come first: they still want to write down how they ended, and the ledger process
        must be there to hear it.
        """
        stuck: list[str] = []
        for belongs in order:
            group = [child for name, child in self._children.items() if belongs(name)]
            stuck += self._end(group)
            for child in group:
                del self._children[child.name]
        return stuck

    def _end(self, group: list[_Child]) -> list[str]:
        for number, patience in ((signal.SIGTERM, KILL_AFTER_S), (signal.SIGKILL, GIVE_UP_AFTER_S)):
            for child in group:
                if child.process and not _dead(child):
                    _signal(child.process, number)
            self._wait(group, patience)
        for child in group:  # what it left running in its group ends with it
            if child.process and _dead(child):
                _signal(child.process, signal.SIGKILL)
        return [child.name for child in group if child.process and not _dead(child)]

    def _wait(self, group: list[_Child], patience: float) -> None:
        until = self.monotonic() + patience
        while any(child.process and not _dead(child) for child in group):
            if self.monotonic() >= until:
                return
            self.sleep(0.02)

    def _spawn(self, child: _Child) -> None:
        child.process = subprocess.Popen(
            child.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # the answer on standard output is ours alone
            stderr=self.log,
            start_new_session=True,
            pass_fds=child.inherited,
            env=told_to(os.environ),
        )
        child.started = self.monotonic()
        child.again_at = None

    def _buried(self, child: _Child) -> Died:
        process = child.process
        code = process.returncode if process else 0
        child.process = None
        if process:  # what it left running in its group ends with it
            _signal(process, signal.SIGKILL)
        if not child.restart:
            del self._children[child.name]
            return Died(child.name, code, None)
        now = self.monotonic()
        child.failures = PACE.row(child.failures, now - child.started)
        pause = PACE.pause_s(child.failures)
        child.again_at = now + pause
        return Died(child.name, code, pause)


def _dead(child: _Child) -> bool:
    return child.process is not None and child.process.poll() is not None


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Signal the whole group; it may have ended a moment ago."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
