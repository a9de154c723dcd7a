"""RFC 8785 (JCS) canonical JSON, restricted to what evidence needs: no floats at all.

One value has one encoding, and one encoding one value: ``decode`` refuses every byte sequence
that ``encode`` would not have written, so two verifiers never disagree about an entry.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import NoReturn, TypeGuard

from evidence.errors import MalformedError
from evidence.json import Json

INTEGER_LIMIT = 2**53 - 1  # RFC 8785 3.2.2.3: what every JSON reader keeps exactly
NESTING_LIMIT = 64  # levels; the same in both directions, whatever the caller's stack

_FLAT_LEVELS = 8  # an entry of ours has about five
_NO_BRACKETS = bytes(each for each in range(256) if each not in b"[]{}")
_DIGITS_TO_ZERO = bytes.maketrans(b"0123456789", b"0" * 10)
_LONG_RUN = b"0" * 16  # shorter integers are below the limit
_LONG_NUMBERS = tuple(
    before + _LONG_RUN for before in (b'":', b'":-', b",", b",-", b"[", b"[-")
)  # a number has a key before it, or stands in a list
_BEYOND_BMP = re.compile(rb"[\xf0-\xf4]")


def encode(value: Json) -> bytes:
    """Return the canonical bytes of ``value``.

    Raises ``MalformedError`` for floats, integers beyond 2**53 - 1, lone surrogates, keys that
    are not text, and more than 64 levels.
    """
    return encode_and_read(value)[0]


def encode_and_read(value: Json) -> tuple[bytes, Json]:
    """Return the canonical bytes of ``value``, and what every reader of them gets.

    Raises ``MalformedError`` as ``encode`` does.
    """
    # Nearly every value is of the types that a reader gets, and reads as it was given: then it has
    # no type that is not JSON's.  What differs is looked at piece by piece, and written or refused.
    try:
        data = _dump(value)
        again = _read(data)
        if again == value and not _may_exceed(data):
            return data, again
    except (MalformedError, TypeError, ValueError, RecursionError):
        pass
    data = _dump(_plain(value, NESTING_LIMIT))
    return data, _read(data)


def decode(data: bytes) -> Json:
    """Return the value whose canonical encoding is ``data``, or raise ``MalformedError``."""
    value = read(data)
    # What lies around the value is not in its encoding, and so refused here.
    if _dump(value) != data:
        raise MalformedError("json_not_canonical")
    return value


def read(data: bytes) -> Json:
    """Return the value that ``data`` begins with, in whatever form, within the limits.

    Raises ``MalformedError``.  Two readers may disagree about a form that is not canonical.
    """
    try:
        value = _read(data)
    except (ValueError, RecursionError) as error:
        raise MalformedError("json_malformed") from error
    if _may_exceed(data):
        _plain(value, NESTING_LIMIT)
    return value


def _read(data: bytes) -> Json:
    value: Json = _DECODER.raw_decode(data.decode())[0]
    return value


def _may_exceed(data: bytes) -> bool:
    """Tell cheaply whether a limit can be touched; what stands in strings may count too.

    Digests are full of long runs of digits, but none of those begins as a number does.
    """
    levels = data.count(b"[") + data.count(b"{")
    if not levels or (levels > NESTING_LIMIT and not _is_flat(data)):
        return True  # also a number alone: it has nothing before it
    zeroed = data.translate(_DIGITS_TO_ZERO)
    return _LONG_RUN in zeroed and any(number in zeroed for number in _LONG_NUMBERS)


def _is_flat(data: bytes) -> bool:
    """Tell of most data that it is far from the limit of levels, without looking at its values."""
    brackets = data.translate(None, _NO_BRACKETS)
    for _ in range(_FLAT_LEVELS):
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
    return not brackets


def _plain(value: object, levels: int) -> Json:
    """Return ``value`` in the types that the C encoder knows, refusing everything else."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return value if value is True or value is False else _checked_integer(value)
    if levels == 0:
        raise MalformedError("json_too_deep", limit=NESTING_LIMIT)
    if isinstance(value, Mapping):
        return {_checked_key(key): _plain(item, levels - 1) for key, item in value.items()}
    if _is_sequence(value):
        return [_plain(item, levels - 1) for item in value]
    raise MalformedError("json_type", type=type(value).__name__)


def _is_sequence(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview)


def _checked_integer(value: int) -> int:
    if abs(value) > INTEGER_LIMIT:
        raise MalformedError("json_integer", limit=INTEGER_LIMIT)
    return int(value)


def _checked_key(key: object) -> str:
    if not isinstance(key, str):
        raise MalformedError("json_type", type=type(key).__name__)
    return key


def _dump(plain: Json) -> bytes:
    data = _utf8(_SORTING.encode(plain))
    if data.isascii() or not _BEYOND_BMP.search(data):
        return data
    return _utf8(_KEEPING.encode(_ordered(plain)))


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise MalformedError("json_surrogate") from error


def _ordered(plain: Json) -> Json:
    """Order keys by UTF-16 code units, which differs from Python's order beyond the BMP only."""
    if isinstance(plain, dict):
        keys = sorted(plain, key=lambda key: _utf16(str(key)))
        return {key: _ordered(plain[key]) for key in keys}
    if isinstance(plain, list):
        return [_ordered(item) for item in plain]
    return plain


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


def _refuse_number(_text: str) -> NoReturn:
    raise MalformedError("json_float")


def _encoder(*, sort_keys: bool) -> json.JSONEncoder:
    return json.JSONEncoder(
        ensure_ascii=False,
        check_circular=False,  # NESTING_LIMIT has refused it already
        allow_nan=False,
        sort_keys=sort_keys,
        separators=(",", ":"),
    )


_SORTING = _encoder(sort_keys=True)
_KEEPING = _encoder(sort_keys=False)
_DECODER = json.JSONDecoder(parse_float=_refuse_number, parse_constant=_refuse_number)
