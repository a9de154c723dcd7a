"""Which configuration holds: the file that is read, and the environment that stands over it."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from appliance.config import Config, check, keys_of, sections
from appliance.home import Home, choose_home
from appliance.mistakes import (
    ConfigurationError,
    Mistake,
    mistakes_of,
    parse,
    read_text,
    unknown_key,
)
from appliance.toml_lines import KeyPath, lines_of_keys

SYSTEM_FILE = Path("/etc/dockseal/appliance.toml")


@dataclass(frozen=True, slots=True)
class Settings:
    """The configuration that holds, the file it came from (None: defaults), and the home."""

    config: Config
    file: Path | None
    home: Home


def load_settings(
    asked_file: str | None,
    asked_home: str | None,
    environment: Mapping[str, str],
    system_file: Path = SYSTEM_FILE,
) -> Settings:
    """Return what holds now.  Raises ``ConfigurationError`` with every mistake at once."""
    file = _choose_file(asked_file, asked_home, environment, system_file)
    config = _read(file, environment)
    home = choose_home(asked_home, _beside(config.home.path, file), environment)
    return Settings(config, file, home)


def access_file(settings: Settings) -> Path | None:
    """Return the file of who decides, relative to the file that names it; None: the shipped one."""
    named = settings.config.access.file
    if not named:
        return None
    beside = settings.file.parent if settings.file else Path.cwd()
    return beside / Path(named).expanduser()


def _choose_file(
    asked: str | None, asked_home: str | None, environment: Mapping[str, str], system: Path
) -> Path | None:
    named = asked or environment.get("DOCKSEAL_CONFIG")
    if named:  # must be there: whoever names a file does not want the defaults
        return Path(named).expanduser().absolute()
    candidates = (choose_home(asked_home, "", environment).configuration, system)
    return next((path for path in candidates if path.exists()), None)


def _beside(path: str, file: Path | None) -> str:
    """Return a path of the configuration, which is relative to the file that says it."""
    if not path or file is None:
        return path
    return str(file.parent / Path(path).expanduser())


def _read(file: Path | None, environment: Mapping[str, str]) -> Config:
    text = read_text(file) if file else ""
    source = str(file) if file else ""
    tree = parse(text, source)
    over = list(_overrides(environment))
    mistakes = [item for item in over if isinstance(item, Mistake)]
    variables = {item.path: item for item in over if isinstance(item, _Override)}
    for item in variables.values():
        _put(tree, item)
    answer = check(tree, Config)
    if isinstance(answer, list):
        told = {path: item.name for path, item in variables.items()}
        mistakes += mistakes_of(answer, source, lines_of_keys(text), told)
    if mistakes:
        raise ConfigurationError(sorted(mistakes, key=lambda each: each.line or 0))
    assert not isinstance(answer, list)  # noqa: S101 - told to mypy: a list has made mistakes
    return answer


@dataclass(frozen=True, slots=True)
class _Override:
    path: KeyPath
    name: str
    value: object


def _overrides(environment: Mapping[str, str]) -> Iterator["_Override | Mistake"]:
    """Yield what DOCKSEAL_<SECTION>_<KEY> say; other names with DOCKSEAL_ are not ours to judge."""
    for section in sections():
        start = f"DOCKSEAL_{section.upper()}_"
        for name in sorted(environment):
            if not name.startswith(start):
                continue
            key = name.removeprefix(start).lower()
            kind = keys_of(section).get(key)
            if kind is None:
                word, facts = unknown_key(key, tuple(keys_of(section)))
                yield Mistake(name, None, f"{section}.{key}", word, facts)
            else:
                yield _Override((section, key), name, _value(environment[name], kind))


def _value(text: str, kind: type) -> object:
    if kind is str:
        return text
    try:
        return tomllib.loads(f"v = {text}")["v"]
    except tomllib.TOMLDecodeError:
        return text  # the wrong type, and is told so


def _put(tree: dict[str, Any], item: _Override) -> None:
    section, key = item.path
    table = tree.setdefault(str(section), {})
    if isinstance(table, dict):
        table[str(key)] = item.value
