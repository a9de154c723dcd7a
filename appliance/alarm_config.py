"""The section ``[alarms]``: how alarms reach people, checked so that nothing goes out in clear."""

import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from appliance.section import Section

PEOPLE_LIMIT = 20  # addresses of one message
HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_ADDRESS = re.compile(r"[A-Za-z0-9._%+=~-]{1,64}@[A-Za-z0-9.-]{1,255}")
_HOST = re.compile(r"[A-Za-z0-9.:-]{0,255}")


def addresses(text: str) -> tuple[str, ...]:
    """Return the addresses of a list with commas."""
    return tuple(each.strip() for each in text.split(",") if each.strip())


def _some_addresses(text: str) -> str:
    found = addresses(text)
    if len(found) > PEOPLE_LIMIT or not all(map(_ADDRESS.fullmatch, found)):
        raise PydanticCustomError("mail_address", "not addresses")
    return text


def _an_address(text: str) -> str:
    if text and not _ADDRESS.fullmatch(text):
        raise PydanticCustomError("mail_address", "not an address")
    return text


def _a_host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise PydanticCustomError("host_name", "not a host")
    return text


def _a_hook(text: str) -> str:
    """Let through nothing, https, or http on this machine; never a name and password in it."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise PydanticCustomError("webhook_url", "not a URL") from error
    plain = parts.scheme == "http" and host in HERE
    strange = parts.username is not None or parts.fragment or port == 0
    if text and (not (parts.scheme == "https" or plain) or not host or strange or _odd(text)):
        raise PydanticCustomError("webhook_url", "not a URL that we call")
    return text


def _odd(text: str) -> bool:
    """Return whether there are signs in it that could end a line of a request."""
    return not text.isascii() or any(each <= " " or each == "\x7f" for each in text)


class AlarmsSection(Section):
    """Mail and webhook; both empty: alarms wait in ``dockseal alarms``."""

    mail_to: Annotated[str, AfterValidator(_some_addresses)] = ""
    mail_from: Annotated[str, AfterValidator(_an_address)] = ""
    smtp_host: Annotated[str, AfterValidator(_a_host)] = ""
    smtp_port: Annotated[int, Field(ge=1, le=65_535)] = 587
    smtp_tls: Literal["none", "starttls", "tls"] = "starttls"
    smtp_user: str = ""
    smtp_password_file: str = ""
    webhook_url: Annotated[str, AfterValidator(_a_hook)] = ""
    webhook_secret_file: str = ""
    repeat_h: Annotated[int, Field(ge=0, le=720)] = 24

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.mail_to and not (self.mail_from and self.smtp_host):
            raise PydanticCustomError("mail_incomplete", "no sender or no server")
        if self.smtp_user and not self.smtp_password_file:
            raise PydanticCustomError("mail_password", "no password")
        if self.smtp_user and self.smtp_tls == "none" and self.smtp_host not in HERE:
            raise PydanticCustomError("mail_in_clear", "a password in clear")
        return self

    @property
    def ways(self) -> tuple[str, ...]:
        """Return the ways that are configured: ``mail``, ``webhook``."""
        told = (("mail", self.mail_to), ("webhook", self.webhook_url))
        return tuple(name for name, where in told if where)
