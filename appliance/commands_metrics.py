"""``ready``, ``metrics``: what this machine's own monitoring asks."""

from collections.abc import Callable, Mapping, Sequence

from appliance.call import Call
from appliance.clock import SystemClock
from appliance.commands_serve import our_command
from appliance.exits import Exit
from appliance.measuring import Measuring
from appliance.output import Answer
from appliance.parent import end_with_parent
from appliance.place import place_of
from appliance.readiness import Check, Wants, readiness, readiness_json
from appliance.settings import Settings


def ready(call: Call) -> Answer:
    """Tell whether the station is ready; start nothing."""
    found = readiness(_wants(call.settings))
    lines = [_line(call, each) for each in found.checks]
    lines.append(call.words("ready.ready" if found.ready else "ready.not_ready"))
    code = Exit.OK if found.ready else Exit.VAULT
    return Answer(readiness_json(found), lines, code)


def _line(call: Call, check: Check) -> str:
    words = call.words
    question = words(f"ready_question.{check.question}")
    if check.because is None:
        return words("ready.yes", question=question)
    key = f"unready.{check.because}"
    because = words(key) if words.has(key) else check.because
    return words("ready.no", question=question, because=because)


def metrics(call: Call) -> Answer:
    """Listen until stopped; or print the metrics once."""
    from appliance import metrics as ours  # noqa: PLC0415 - slow to load, for this command alone
    from appliance import scrape  # noqa: PLC0415 - see above
    from vault.figures import FigureReader  # noqa: PLC0415 - see above
    from vault.sql import sqlite_url  # noqa: PLC0415 - see above

    settings = call.settings
    figures = FigureReader(sqlite_url(settings.home.catalogue))
    measuring = Measuring(_wants(settings), figures, SystemClock())
    if call.arguments.once:
        text = ours.rendered(measuring.scrape()).decode()
        return Answer({"metrics": text}, text.removesuffix("\n").split("\n"))
    place = place_of(call.arguments.listen or settings.config.metrics.listen)
    listener = scrape.listen(place)
    where = place.path or "{}:{}".format(*listener.getsockname()[:2])
    call.terminal.notice(call.words("metrics.listening", listen=where))
    end_with_parent()
    scrape.serve(measuring, listener, place)
    return Answer({"listen": str(where)}, [call.words("metrics.stopped")])


def _wants(settings: Settings) -> Wants:
    config = settings.config
    return Wants(settings.home, config.vault.reserve_bytes, config.metrics.behind_entries)


def metrics_command(settings: Settings) -> Sequence[str]:
    """Return the command line by which ``up`` has metrics served."""
    return our_command(settings, "metrics")


COMMANDS: Mapping[str, Callable[[Call], Answer]] = {"ready": ready, "metrics": metrics}
