"""Every word that a person reads, in one catalogue for each language.

``messages/en.toml`` and, for a group of commands, ``messages/<group>.en.toml`` with tables of the
same names; a key stands in one of them only.

A sentence is a ``str.format`` template over named facts.  A fact may carry a format of ours:

* ``{n:|file|files}``   the first word for one, the second for every other number
* ``{n:bytes}``         1.2 GB (powers of ten, as the card's own label counts)
* ``{n:duration}``      milliseconds as 7.0 s, 3 min 02 s, 1 h 05 min
* ``{n:offset}``        the same with its sign: +3 min 02 s
* ``{s:word}``          the sentence of the key that the fact names

Facts come from hostile recorders: control and direction characters are escaped before they reach
a terminal.  A missing key or fact never raises: an imperfect sentence beats a lost message.
"""

import string
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

from evidence.errors import EvidenceError

LANGUAGES = ("en", "zh-CN")
MESSAGES = Path(__file__).parent / "messages"
FACT_LIMIT = 2000  # characters of one fact; longer ones are cut with an ellipsis
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # Unicode general categories
_SECOND = 1000  # milliseconds
_MINUTE = 60 * _SECOND
_HOUR = 60 * _MINUTE
_EACH = "each "  # begins the specification of codes: {because:each blocker}


class Words(string.Formatter):
    """The sentences of one language: ``words("error.unplugged", where=…)``."""

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language = language
        self.texts = texts

    def __call__(self, key: str, /, **facts: object) -> str:
        """Return the sentence under ``key`` with its facts filled in."""
        template = self.texts.get(key)
        if template is None:
            return _bare(key, facts)
        return self.vformat(template, (), facts)

    def error(self, error: EvidenceError) -> str:
        """Return the sentence of an error: what happened, and what to do."""
        return self(f"error.{error.word}", **error.facts)

    def has(self, key: str) -> bool:
        """Tell whether the catalogue holds ``key``."""
        return key in self.texts

    def facts_of(self, key: str) -> frozenset[str]:
        """Return the names of the facts that the sentence under ``key`` asks for."""
        return frozenset(name for _, name, _, _ in self.parse(self.texts.get(key, "")) if name)

    def get_value(
        self, key: int | str, args: Sequence[object], kwargs: Mapping[str, object]
    ) -> object:
        """Return one fact, or a question mark; overrides ``string.Formatter``."""
        del args
        return kwargs.get(str(key), "?")

    def format_field(self, value: object, format_spec: str) -> str:
        """Return one fact as text; overrides ``string.Formatter``."""
        if format_spec == "word":
            return self(str(value))
        if format_spec.startswith(_EACH):
            return self._each(value, format_spec.removeprefix(_EACH))
        if not format_spec or not isinstance(value, int):
            return printable(value)
        return self._amount(value, format_spec)

    def _each(self, value: object, group: str) -> str:
        """Return the words of codes, a list or a text of them, from ``group`` of the catalogue."""
        codes = value if isinstance(value, list | tuple) else str(value).split()
        return self("list.comma").join(self(f"{group}.{code}") for code in codes)

    def _amount(self, value: int, how: str) -> str:
        if how.startswith("|"):
            one, many = how[1:].split("|")
            return f"{value} {one if value == 1 else many}"
        if how == "bytes":
            return self.bytes(value)
        if how == "offset":
            return ("+" if value > 0 else "−" if value < 0 else "±") + self.duration(abs(value))
        if how == "duration":
            return self.duration(value)
        return format(value, how)

    def duration(self, milliseconds: int) -> str:
        """Return a length of time with two units at most."""
        if milliseconds < _MINUTE:
            tenths = milliseconds // 100
            return self("amount.seconds", whole=tenths // 10, tenth=tenths % 10)
        if milliseconds < _HOUR:
            minutes, rest = divmod(milliseconds, _MINUTE)
            return self("amount.minutes", minutes=minutes, seconds=f"{rest // _SECOND:02}")
        hours, rest = divmod(milliseconds, _HOUR)
        return self("amount.hours", hours=hours, minutes=f"{rest // _MINUTE:02}")

    def bytes(self, count: int) -> str:
        """Return an amount of bytes in the largest unit that leaves a whole number."""
        for power, unit in ((12, "TB"), (9, "GB"), (6, "MB"), (3, "kB")):
            if count >= 10**power:
                tenths = count // 10 ** (power - 1)
                return f"{tenths // 10}.{tenths % 10} {unit}"
        return f"{count} B"


def load_words(language: str, folder: Path = MESSAGES) -> Words:
    """Return the catalogue of one language of ``LANGUAGES``."""
    texts: dict[str, str] = {}
    for file in (folder / f"{language}.toml", *sorted(folder.glob(f"*.{language}.toml"))):
        texts.update(_flat("", tomllib.loads(file.read_text(encoding="utf-8"))))
    return Words(language, texts)


def choose_language(asked: str | None, configured: str, environment: Mapping[str, str]) -> str:
    """Return the language: the command line's, the configuration's, else that of the locale."""
    for wish in (asked, configured):
        if wish:
            return wish
    locale = next(
        (environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)),
        "",
    )
    return "zh-CN" if locale.lower().startswith("zh") else "en"


def printable(value: object) -> str:
    r"""Return a fact that cannot steer a terminal: ``\xNN``, ``\uNNNN`` for what could."""
    text = str(value)
    if len(text) > FACT_LIMIT:
        text = text[:FACT_LIMIT] + "…"
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(sign) for sign in text)


def _escaped(sign: str) -> str:
    if unicodedata.category(sign) not in _UNSAFE:
        return sign
    code = ord(sign)
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"  # noqa: PLR2004 - one byte


def _bare(key: str, facts: Mapping[str, object]) -> str:
    told = ", ".join(f"{name}={printable(value)}" for name, value in facts.items())
    return f"{printable(key)} ({told})" if told else printable(key)


def _flat(prefix: str, tree: Mapping[str, object]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in tree.items():
        name = f"{prefix}.{key}" if prefix else key
        found.extend(_flat(name, value) if isinstance(value, dict) else [(name, str(value))])
    return found
