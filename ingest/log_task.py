"""Child side: the identity that a device log tells.  Runs in the fence, with nothing at hand."""

import re

from evidence.json import Json, JsonObject
from evidence.ports import Source

HEAD_BYTES = 1024 * 1024
LINE_LIMIT = 4096  # characters

# The names that recorders use for the four fields of ZFY_INFO, in English and Chinese.
WORDS = {
    "serial": ("serial", "serialno", "sn", "cserial", "序列号"),
    "device": ("device", "deviceid", "deviceno", "产品编号", "设备编号"),
    "officer": ("officer", "userno", "policeno", "警号"),
    "unit": ("unit", "unitno", "单位编号"),
}
_FIELD = re.compile(r"([A-Za-z\u4e00-\u9fff_]{2,16})\s*[:=：]\s*([0-9A-Za-z_-]{1,64})")


def read_log(source: Source, request: JsonObject) -> Json:
    """Return ``{"serial", "device", "officer", "unit"}`` as far as the first lines tell them.

    A field that the log tells twice with different values is told by none: logs are appended to by
    whoever holds the card.
    """
    del request
    text = _text(source.read(0, HEAD_BYTES))
    told: dict[str, set[str]] = {}
    for line in text.split("\n"):
        for word, value in _FIELD.findall(line[:LINE_LIMIT]):
            field = _field(word)
            if field:
                told.setdefault(field, set()).add(value)
    return {field: values.pop() for field, values in told.items() if len(values) == 1}


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("gbk", errors="replace")  # recorders write GBK (notes, b 1)


def _field(word: str) -> str | None:
    plain = word.strip().replace("_", "").replace(" ", "").lower()
    return next((field for field, words in WORDS.items() if plain in words), None)
