"""Fenced parser children as their parent sees them: the port ``Parsers``.

Hostile bytes are parsed only in a child that has nothing (``appliance/fence.py``) and is believed
in nothing: it asks for byte ranges, and each question is checked; it answers once, and the answer
is measured before it is read.  In every case of doubt the child is killed, not asked.
"""

import json
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NoReturn, TypeVar

from appliance import frames
from appliance.answers import failed_word, json_answer
from appliance.births import Life, bear
from appliance.frames import Bounds
from evidence.errors import ParserError
from evidence.json import Json, JsonObject
from evidence.ports import Source


@dataclass(frozen=True, slots=True)
class Task:
    """Where a task lives, and whether one child may do it for several sources."""

    target: str  # MODULE:FUNCTION, (source: Source, request: JsonObject) -> Json
    several: bool


TASKS: Final[Mapping[str, Task]] = {
    "list_volume": Task("drivers.disk:list_volume", several=False),
    "device_log": Task("ingest.log_task:read_log", several=False),
    "probe": Task("ingest.probe_task:probe", several=True),
    "packets": Task("ingest.packets:packets", several=True),
}

Answer = TypeVar("Answer")
LAST_WORD_S: Final = 1.0  # between a hung-up channel and how the child ended


@dataclass(frozen=True, slots=True)
class ParserLimits:
    """What a child may cost.  Times are of the monotonic clock, not CPU, where not said."""

    memory_bytes: int = 256 * 1024 * 1024  # beyond what its imports take
    cpu_s: int = 60  # CPU seconds that one parse has for sure; twice that and the child ends
    start_s: float = 30.0  # import and fence
    silent_s: float = 30.0  # between two frames of one child
    total_s: float = 300.0  # one parse, reads of the source included
    answer_bytes: int = 64 * 1024 * 1024
    answer_values: int = 1_000_000  # JSON values in an answer: they cost memory here, not there
    parses: int = 64  # then the child is replaced: what one file did to it ends with it
    need_seccomp: bool = True  # False only where a kernel has none: parsers then run half fenced

    @property
    def bounds(self) -> Bounds:
        """Return the part of it that the child holds itself to."""
        return Bounds(self.memory_bytes, 2 * self.cpu_s, self.need_seccomp)


class FencedParsers:
    """Runs each task of ``tasks`` in fenced children; safe to use from several threads.

    A child is kept for the next parse of the same task only after a faultless one, and only one:
    who asks for another task ends it, because idle memory is everybody's.
    """

    def __init__(
        self,
        limits: ParserLimits | None = None,
        tasks: Mapping[str, Task] = TASKS,
        cradle: int | None = None,
    ) -> None:
        self._limits = limits or ParserLimits()
        self._tasks = tasks
        self._cradle = cradle
        self._idle: Child | None = None
        self._lock = threading.Lock()

    def prepare(self, task: str) -> None:
        """Start a child now, so that its start-up passes while something else is done."""
        self._keep(self._take(task))

    def parse(self, task: str, source: Source, request: JsonObject) -> Json:
        """Return the child's answer; see ``evidence.ports.Parsers``."""
        return _twice_if_killed(lambda: self._parse(task, source, request))

    def _parse(self, task: str, source: Source, request: JsonObject) -> Json:
        child = self._take(task)
        answered = False
        try:
            answer = child.parse(source, request)
            answered = True
        finally:
            if answered and self._tasks[task].several:
                self._keep(child)
            else:
                child.end()
        return answer

    def fence(self, task: str) -> JsonObject:
        """Start a child if none is idle and tell which walls stand round it."""
        return _twice_if_killed(lambda: self._fence(task))

    def _fence(self, task: str) -> JsonObject:
        child = self._take(task)
        try:
            walls = child.ready()
        except BaseException:
            child.end()
            raise
        self._keep(child)
        return walls

    def close(self) -> None:
        """End the idle child.  Never raises."""
        with self._lock:
            idle, self._idle = self._idle, None
        if idle:
            idle.end()

    def _take(self, task: str) -> "Child":
        with self._lock:
            idle, self._idle = self._idle, None
        if idle and idle.task == task:
            return idle
        if idle:
            idle.end()
        return Child(task, self._tasks[task].target, self._limits, self._cradle)

    def _keep(self, child: "Child") -> None:
        with self._lock:
            if child.fresh and not self._idle:
                self._idle = child
                return
        child.end()


def _twice_if_killed(act: Callable[[], Answer]) -> Answer:
    """Do it once more where the child was killed, by somebody or for want of the box's memory.

    That says nothing about what it parsed; a file that brings this about again is left at that.
    """
    try:
        return act()
    except ParserError as error:
        # None: nobody knows how it ended; its cradle has died too.
        killed = error.facts.get("ended", 0) in {None, -signal.SIGKILL}
        if error.word != "parser_crashed" or not killed:
            raise
    return act()


class Child:
    """One fenced process and the channel to it.

    Its session is its own, its directory is the root, its environment is empty but for a few lines,
    and of our descriptors it gets one end of one socket.
    """

    def __init__(
        self, task: str, target: str, limits: ParserLimits, cradle: int | None = None
    ) -> None:
        self.parses = 0
        self.task = task
        self._target = target
        self._limits = limits
        self._cradle = cradle
        self._walls: JsonObject | None = None
        self._spent_s = 0.0  # in parses, by the clock
        self._until = self._quiet_until = 0.0  # of the monotonic clock
        self._channel, self._life = self._born(cradle)

    @property
    def fresh(self) -> bool:
        """Return whether it may parse another file, and has the time for it that a file may take.

        Its CPU time is counted by the kernel over its whole life; by the clock it had no more.
        """
        return self.parses < self._limits.parses and self._spent_s < self._limits.cpu_s

    def _born(self, cradle: int | None) -> tuple[socket.socket, Life]:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                return ours, bear(self._target, self._limits.bounds, theirs, cradle)
            except OSError as error:
                ours.close()
                raise ParserError("parser_crashed", task=self.task, because="start") from error

    def ready(self) -> JsonObject:
        """Wait until the fence is closed and return which walls stand."""
        if self._walls is not None:
            return self._walls
        try:
            self._walls = self._first_word()
        except ParserError as error:
            if self._cradle is None or error.facts.get("ended", 0) is not None:
                raise
            # Nobody knows how it ended: the cradle died over the order.
            self.end()
            self._channel, self._life = self._born(None)
            self._walls = self._first_word()
        return self._walls

    def _first_word(self) -> JsonObject:
        self._until = time.monotonic() + self._limits.start_s
        kind, content = self._receive(frames.NOTE_LIMIT_BYTES)
        if kind != frames.READY:
            self._doubt("protocol")
        walls = json_answer(content, self.task, frames.NOTE_LIMIT_BYTES)
        return walls if isinstance(walls, dict) else {}

    def parse(self, source: Source, request: JsonObject) -> Json:
        """Let the child do its task over ``source``; the caller ends it after any error."""
        self.ready()
        self.parses += 1
        begun = time.monotonic()
        self._until = begun + self._limits.total_s
        task = json.dumps({"size": source.size, "request": request}).encode()
        self._send(frames.TASK, task)
        while True:
            kind, content = self._receive(self._limits.answer_bytes)
            if kind == frames.ANSWER:
                self._spent_s += time.monotonic() - begun
                return json_answer(content, self.task, self._limits.answer_values)
            if kind != frames.READ or len(content) != frames.ASK.size:
                self._doubt("protocol")
            self._send(frames.DATA, self._asked(source, *frames.ASK.unpack(content)))

    def end(self) -> None:
        """Kill the child and whatever it may have started, and let go of it.  Never raises."""
        self._channel.close()
        self._life.end()

    def _asked(self, source: Source, offset: int, length: int) -> bytes:
        if not 0 < length <= frames.READ_LIMIT_BYTES or offset + length > source.size:
            self._doubt("read_outside")
        return source.read(offset, length)

    def _receive(self, limit: int) -> tuple[int, bytes]:
        """Return the next frame, which must be whole in time; a FAILED one is raised."""
        self._quiet_until = time.monotonic() + self._limits.silent_s
        kind, length = frames.HEADER.unpack(self._exactly(frames.HEADER.size))
        if kind == frames.FAILED:
            limit = frames.NOTE_LIMIT_BYTES
        if length > limit:
            raise ParserError("parser_answer", task=self.task, because="size")
        content = self._exactly(length)
        if kind == frames.FAILED:
            word, because = failed_word(content, self.task)
            raise ParserError(word, task=self.task, because=because)
        return kind, content

    def _exactly(self, length: int) -> bytes:
        content = bytearray()
        while len(content) < length:
            self._arm()
            try:
                piece = self._channel.recv(min(length - len(content), frames.READ_LIMIT_BYTES))
            except TimeoutError as error:
                raise ParserError("parser_deadline", task=self.task) from error
            except OSError as error:
                self._died(error)
            if not piece:
                self._died(None)
            content += piece
        return bytes(content)

    def _send(self, kind: int, content: bytes) -> None:
        self._quiet_until = time.monotonic() + self._limits.silent_s
        self._arm()
        try:
            self._channel.sendall(frames.HEADER.pack(kind, len(content)))
            self._channel.sendall(content)  # on its own: joined to its header it would be copied
        except TimeoutError as error:
            raise ParserError("parser_deadline", task=self.task) from error
        except OSError as error:
            self._died(error)

    def _arm(self) -> None:
        """Let the next wait end with the parse, or when the child has been silent too long."""
        left = min(self._until, self._quiet_until) - time.monotonic()
        if left <= 0:
            raise ParserError("parser_deadline", task=self.task)
        self._channel.settimeout(left)

    def _doubt(self, because: str) -> NoReturn:
        raise ParserError("parser_answer", task=self.task, because=because)

    def _died(self, error: OSError | None) -> NoReturn:
        """Say how it ended; the one signal that is a limit of ours is told apart."""
        code = self._life.code(LAST_WORD_S)
        if code == -signal.SIGXCPU:
            raise ParserError("parser_deadline", task=self.task, because="cpu") from error
        raise ParserError("parser_crashed", task=self.task, ended=code) from error
