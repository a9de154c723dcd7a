"""A small reader of udev rules (udev(7)): enough to refuse what we must never ship."""

import re
from dataclasses import dataclass

MATCHES = frozenset({"ACTION", "DEVPATH", "KERNEL", "KERNELS", "SUBSYSTEM", "SUBSYSTEMS"})
SETS = frozenset({"GROUP", "MODE", "OWNER", "SYMLINK", "TAG", "GOTO", "LABEL"})
WITH_NAME = frozenset({"ENV", "ATTR", "ATTRS"})  # take a name in braces, match and set
TOKEN = re.compile(
    r'(?P<key>[A-Z_]+)(?:\{(?P<name>[\w/.]+)\})?(?P<op>==|!=|\+=|-=|:=|=)"(?P<value>[^"]*)"'
)


@dataclass(frozen=True, slots=True)
class Token:
    """One ``KEY{name}op"value"``."""

    key: str
    name: str | None
    op: str
    value: str


def read_rules(text: str) -> list[list[Token]]:
    """Return the rules of a file.  Raises ValueError, naming the line, where it is not one."""
    rules = [
        _rule(line, number)
        for number, line in enumerate(text.split("\n"), 1)
        if line.strip() and not line.startswith("#")
    ]
    labels = {token.value for rule in rules for token in rule if token.key == "LABEL"}
    for token in (token for rule in rules for token in rule if token.key == "GOTO"):
        if token.value not in labels:
            raise ValueError(f"GOTO {token.value} leads nowhere")
    return rules


def _rule(line: str, number: int) -> list[Token]:
    tokens = [TOKEN.fullmatch(part.strip()) for part in line.split(",")]
    found = [Token(**token.groupdict()) for token in tokens if token]
    if len(found) != len(tokens) or not all(map(_allowed, found)):
        raise ValueError(f"line {number}: {line}")
    return found


def _allowed(token: Token) -> bool:
    """Tell whether we ship such a token: no RUN, PROGRAM or IMPORT, no match that assigns."""
    if token.key in WITH_NAME:
        return token.name is not None
    if token.name is not None:
        return False
    if token.key in MATCHES:
        return token.op in {"==", "!="}
    return token.key in SETS and token.op not in {"==", "!="}
