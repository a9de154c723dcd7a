"""Forks a process for each act, under strace where asked: no run pays for Python's start.

A request is a JSON line ``{"home", "card", "log", "acts": [{"act", "strace"}]}``; all but the last
act serve the last one, and "strace" holds its options, or null.  The answer is a line with the exit
code of each (negative: the signal, null: it had to be killed because it hung).
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.crash.acts import perform

HANGS_AFTER_S = 30.0
READY_LIMIT = 4096
STRACE = shutil.which("strace") or "strace"


def main() -> None:
    """Serve until standard input ends."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_run(json.loads(line))) + "\n")
        sys.stdout.flush()


def _run(request: dict[str, Any]) -> list[int | None]:
    *servants, last = request["acts"]
    serving = [_start(act, request, until_ready=True) for act in servants]
    done = _end(*_start(last, request, until_ready=False))
    codes = []
    for process, tracer in serving:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGTERM)
        codes.append(_end(process, tracer))
    return [*codes, done]


def _start(
    act: dict[str, Any], request: dict[str, Any], *, until_ready: bool
) -> tuple[int, "subprocess.Popen[bytes] | None"]:
    ready, said = os.pipe()
    process = os.fork()
    if not process:
        os.close(ready)
        _become(act["act"], request, said, traced=bool(act["strace"]))
    os.close(said)
    tracer = _trace(process, act["strace"]) if act["strace"] else None
    if until_ready:
        os.read(ready, READY_LIMIT)  # its line, or its end
    os.close(ready)
    return process, tracer


def _become(act: str, request: dict[str, Any], said: int, *, traced: bool) -> None:
    code = 70
    try:
        os.setsid()
        log = os.open(f"{request['log']}.{act}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        null = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((null, 0), (said, 1), (log, 2)):
            os.dup2(source, target)
            os.close(source)
        if traced:
            os.kill(os.getpid(), signal.SIGSTOP)
        code = perform(act, request["home"], request["card"], request["plant"])
    except BaseException as error:  # noqa: BLE001 - a traceback in the log is all that is left
        traceback.print_exception(error)
    finally:
        os._exit(code)


def _trace(process: int, options: list[str]) -> "subprocess.Popen[bytes]":
    os.waitpid(process, os.WUNTRACED)
    tracer = subprocess.Popen(
        [STRACE, "-f", "-p", str(process), *options],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    if tracer.stderr is not None:
        tracer.stderr.readline()  # attached
    os.kill(process, signal.SIGCONT)
    return tracer


def _end(process: int, tracer: "subprocess.Popen[bytes] | None") -> int | None:
    until = time.monotonic() + HANGS_AFTER_S
    ended, status = os.waitpid(process, os.WNOHANG)
    while not ended and time.monotonic() < until:
        time.sleep(0.002)
        ended, status = os.waitpid(process, os.WNOHANG)
    if not ended:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
    if tracer is not None:
        tracer.wait()
        if tracer.stderr is not None:
            tracer.stderr.close()
    return os.waitstatus_to_exitcode(status) if ended else None


class Zygote:
    """The other end: starts the forking process, and asks it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def run(
        self,
        home: Path,
        card: Path,
        log: Path,
        acts: list[tuple[str, list[str] | None]],
        plant: str | None = None,
    ) -> list[int | None]:
        """Perform the acts over a home and a card; return their exit codes."""
        request = {
            "home": str(home),
            "card": str(card),
            "log": str(log),
            "plant": plant,
            "acts": [{"act": act, "strace": strace} for act, strace in acts],
        }
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer: list[int | None] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        """Let it end."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


if __name__ == "__main__":
    main()
