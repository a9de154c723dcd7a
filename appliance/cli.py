"""``dockseal``: one command, from its words to its exit code.

A mistake gets one clear sentence that says what to do, never a traceback: the details of a fault
of our own go into the log of the home.
"""

import os
import signal
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from types import FrameType
from typing import NoReturn

from appliance.call import Call, Terminated, Wire
from appliance.commands import COMMANDS
from appliance.exits import Exit, exit_of
from appliance.faultlog import write_fault
from appliance.home import choose_home
from appliance.mistakes import ConfigurationError, sentence
from appliance.output import Answer, Terminal
from appliance.parser import Explained, first_look, parse_arguments
from appliance.refusing import refused_lines
from appliance.services import Services
from appliance.settings import Settings, load_settings
from appliance.version import VERSION
from appliance.words import Words, choose_language, load_words
from evidence.errors import EvidenceError, RefusedError, UsageError


def main() -> int:
    """Run the command line of this process; the entry point of the package."""
    signal.signal(signal.SIGTERM, _stop)
    return run(sys.argv[1:], os.environ, _wire)


def _wire(settings: Settings) -> Services:
    from appliance.wiring import wire  # noqa: PLC0415 - help and usage answer without the house

    return wire(settings)


def run(
    arguments: list[str],
    environment: Mapping[str, str],
    wire: Wire,
    speak: Callable[[bool, bool], Terminal] = lambda json, quiet: Terminal(json=json, quiet=quiet),
) -> int:
    """Run one command and return its exit code.  Never raises, whatever happens."""
    look = first_look(arguments)
    terminal = speak(look.json, look.quiet)

    @cache  # once: a command may ask for it several times
    def settings() -> Settings:
        return load_settings(look.config, look.home, environment)

    @cache
    def services() -> Services:
        return wire(settings())

    words = load_words(choose_language(look.lang, _configured_language(settings), environment))
    try:
        call = Call(look, words, terminal, environment, settings, services, wire)
        return _guarded(arguments, call)
    except BrokenPipeError:
        return _pipe_closed()


def _guarded(arguments: list[str], call: Call) -> Exit:
    """Do it, and give every way of failing its sentence and its code."""
    try:
        call = replace(call, arguments=parse_arguments(arguments, call.words, VERSION))
        answer = COMMANDS[call.arguments.command](call)
        call.terminal.answer(call.arguments.command, answer)
    except Explained as text:
        call.terminal.out.write(str(text))
        call.terminal.out.flush()
        return Exit.OK
    except EvidenceError as error:
        return _failed(call, exit_of(error), error.word, _sentences(error, call.words))
    except (KeyboardInterrupt, Terminated) as stopped:
        return _told_to_stop(call, stopped)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the last door: no traceback reaches a person
        return _our_fault(call, error)
    return answer.exit


def _told_to_stop(call: Call, stopped: BaseException) -> Exit:
    by_key = isinstance(stopped, KeyboardInterrupt)
    word, code = ("interrupted", Exit.INTERRUPTED) if by_key else ("terminated", Exit.TERMINATED)
    return _failed(call, code, word, [call.words(f"error.{word}")])


def _our_fault(call: Call, error: Exception) -> Exit:
    log = write_fault(choose_home(call.arguments.home, "", call.environment), error)
    told = call.words("error.internal", kind=type(error).__name__, log=log or "-")
    return _failed(call, Exit.INTERNAL, "internal", [told])


def _configured_language(settings: Callable[[], Settings]) -> str:
    try:
        return settings().config.station.language
    except UsageError:
        return ""  # told later, by the command that needs the configuration


def _sentences(error: EvidenceError, words: Words) -> list[str]:
    if isinstance(error, ConfigurationError):
        return [words.error(error), *(sentence(each, words) for each in error.mistakes)]
    if isinstance(error, RefusedError):
        return refused_lines(error, words)
    return [words.error(error)]


def _failed(call: Call, code: Exit, word: str, sentences: list[str]) -> Exit:
    """Tell people on standard error and, where asked for, programs in the one document."""
    for line in sentences:
        call.terminal.complain(f"dockseal: {line}")
    if call.terminal.json:
        asked: Namespace = call.arguments
        command = str(getattr(asked, "command", ""))
        fields = {"error": {"word": word, "sentences": sentences}}
        call.terminal.answer(command, Answer(fields, exit=code))
    return code


def _pipe_closed() -> Exit:
    """End quietly: who read our output has enough, and flushing at exit must not fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return Exit.PIPE_CLOSED


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    del number, frame
    raise Terminated
