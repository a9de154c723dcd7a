"""``config check``, ``key new``, ``clock accept``: what a station needs before and beside."""

from collections.abc import Iterator

from appliance.call import Call
from appliance.config import Config
from appliance.exits import Exit
from appliance.home import choose_home
from appliance.mistakes import ConfigurationError, Mistake, sentence
from appliance.output import Answer
from appliance.patterns import load_patterns, patterns_file
from appliance.services import Services, Walls, as_json
from appliance.settings import Settings
from appliance.words import Words
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
    walls = _house(call).fence()
    fields = {
        "files": [name for name in files if name],
        "home": home or None,
        "fence": dict(walls),
        "mistakes": [{**_told(each), "sentence": sentence(each, call.words)} for each in mistakes],
    }
    if mistakes:
        return Answer(fields, [sentence(each, call.words) for each in mistakes], Exit.USAGE)
    needed = call.settings.config.limits.require_seccomp
    lines = list(_about_walls(walls, call.words, needed=needed))
    if needed and not walls["seccomp"]:
        told = call.words("error.fence_missing", because="seccomp")
        return Answer(fields, [told, *lines], Exit.USAGE)
    source = files[0] or call.words("config.defaults")
    fine = call.words("config.fine", file=source, patterns=files[1], home=home)
    return Answer(fields, [fine, *lines])


def _house(call: Call) -> Services:
    """Return the house; where the configuration is broken, that of the defaults."""
    try:
        return call.services
    except ConfigurationError:
        return call.wire(Settings(Config(), None, choose_home(None, "", call.environment)))


def _about_walls(walls: Walls, words: Words, *, needed: bool) -> Iterator[str]:
    """Tell which walls stand round a parser here, and which do not."""
    for key, stands in (("config.walls", True), ("config.walls_missing", False)):
        names = [words(f"wall.{name}") for name in walls if bool(walls[name]) is stands]
        if names:
            yield words(key, walls=", ".join(names))
    if not needed and not walls["seccomp"]:
        yield words("config.unfenced")


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
