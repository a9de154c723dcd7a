r"""Names as text for people.  The raw bytes stay beside the text; neither is a path of ours."""

from drivers.claims import showable

JOIN = b"/"  # between the raw names of one path; a slash inside a name shows as \x2f in the text


def text_of(raw: bytes) -> str:
    r"""Return one name (not a path) as text that no terminal, page or log can stumble over.

    Bytes that are not UTF-8 (a lone UTF-16 surrogate arrives as three of them), control, format
    and direction characters, slash and backslash become ``\xNN``, so that a name never forges
    another name's text: a backslash in the text always begins an escape.
    """
    return "".join(_shown(character) for character in raw.decode("utf-8", "surrogateescape"))


def text_of_short(raw: bytes) -> str:
    r"""Return a FAT 8.3 name, which has no declared encoding, as text.

    Chinese recorders write GBK (notes on ``ZFY_INFO``); bytes that are valid UTF-8 are taken as
    such first; what is neither is escaped.  It is a reading for people, the raw bytes decide.
    """
    for encoding in ("utf-8", "gbk"):
        try:
            return "".join(_shown(character) for character in raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    return text_of(raw)


def _shown(character: str) -> str:
    if character in "/\\":
        return f"\\x{ord(character):02x}"
    if showable(character):
        return character
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))
