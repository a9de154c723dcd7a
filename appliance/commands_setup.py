"""``config check``, ``key new``, ``clock accept``: what a station needs before and beside."""

from appliance.call import Call
from appliance.exits import Exit
from appliance.mistakes import ConfigurationError, Mistake, sentence
from appliance.output import Answer
from appliance.patterns import load_patterns, patterns_file
from appliance.services import as_json
from evidence.errors import ConflictError


def check_configuration(call: Call) -> Answer:
    """Name every mistake of the configuration and of the patterns file, by key and line."""
    mistakes: list[Mistake] = []
    files: list[str] = []
    home = ""
    try:
        settings = call.settings
        files.append(str(settings.file or ""))
        home = str(settings.home.path)
        file = patterns_file(settings)
        files.append(str(file))
        load_patterns(file)
    except ConfigurationError as error:
        mistakes.extend(error.mistakes)
    fields = {
        "files": [name for name in files if name],
        "home": home or None,
        "mistakes": [{**_told(each), "sentence": sentence(each, call.words)} for each in mistakes],
    }
    if mistakes:
        return Answer(fields, [sentence(each, call.words) for each in mistakes], Exit.USAGE)
    source = files[0] or call.words("config.defaults")
    return Answer(fields, [call.words("config.fine", file=source, patterns=files[1], home=home)])


def _told(mistake: Mistake) -> dict[str, str | int | None]:
    return {
        "source": mistake.source,
        "line": mistake.line,
        "key": mistake.key or None,
        "word": mistake.word,
    }


def make_key(call: Call) -> Answer:
    """Make home and key; a second time is refused."""
    words, home = call.words, call.settings.home
    if home.exists:  # also while its ledger process runs, and before anything is touched
        raise ConflictError("ledger_exists", path=home.path)
    made = call.services.make_key()
    lines = [
        words("key.made", home=home.path),
        words("key.origin", origin=made.origin),
        words("key.vkey", vkey=made.vkey),
        words("key.keep"),
    ]
    return Answer({"home": str(home.path), "origin": made.origin, "vkey": made.vkey}, lines)


def accept_clock(call: Call) -> Answer:
    """Accept that our own clock went back, in an entry with both times."""
    accepted = call.services.accept_clock()
    line = call.words(
        "clock.accepted", before=accepted.before, after=accepted.after, entry=accepted.entry
    )
    return Answer({"accepted": as_json(accepted)}, [line])
