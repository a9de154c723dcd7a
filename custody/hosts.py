"""The names under which people reach the appliance: one to sign in, another one to sign decisions.

Two, because a security key does not know what it signs: it tells hosts apart and nothing else.  A
page of the login host cannot ask for a key of the signing host, whatever is wrong with that page.
"""

import re
from ipaddress import ip_address

from custody.desk import Hosts
from evidence.errors import UsageError

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"({_LABEL}(?:\.{_LABEL})*)(?::([1-9][0-9]{{0,4}}))?")
_NAME_LIMIT = 253  # characters (RFC 1035)
_PORT_LIMIT = 65535


def check_hosts(hosts: Hosts) -> None:
    """Refuse hosts with which signing would not work, or would not mean what it should.

    Raises ``UsageError``: ``host_malformed``, ``sign_host_is_address``, ``hosts_same``,
    ``rp_not_of_host``, ``rp_reaches_login``.  Names are lower case, with a port where it is not
    443; ``rp`` is a relying party id, for ever: every key is bound to it.
    """
    for host in (hosts.login, hosts.sign, hosts.rp):
        if host is not None and not is_address(host):
            _check_name(host)
    if hosts.sign is None:
        if hosts.rp is not None:
            raise UsageError("rp_not_of_host", rp=hosts.rp)
        return
    if is_address(hosts.sign):
        raise UsageError("sign_host_is_address", host=hosts.sign)
    _check_rp(hosts.rp or "", name_of(hosts.sign), name_of(hosts.login or ""))


def _check_name(host: str) -> None:
    match = _HOST.fullmatch(host)
    if match is None or len(match[1]) > _NAME_LIMIT or int(match[2] or 1) > _PORT_LIMIT:
        raise UsageError("host_malformed", host=host)


def _check_rp(rp: str, sign: str, login: str) -> None:
    if sign == login:
        raise UsageError("hosts_same", host=sign)
    if not _reaches(rp, sign):
        raise UsageError("rp_not_of_host", rp=rp)
    if _reaches(rp, login):  # then a page of the login host could ask for approvals
        raise UsageError("rp_reaches_login", rp=rp)


def _reaches(rp: str, name: str) -> bool:
    """Return whether a page on ``name`` may use keys of ``rp`` (public suffixes aside)."""
    return name == rp or name.endswith(f".{rp}")


def is_local(host: str) -> bool:
    """Return whether this name never leaves the machine: then it needs no certificate."""
    name = name_of(host)
    return name == "localhost" or name.endswith(".localhost")


def name_of(host: str) -> str:
    """Return ``host`` without its port; an address also without brackets."""
    return _address(host) or host.partition(":")[0]


def is_address(host: str) -> bool:
    """Return whether this is an IP address, with a port or without."""
    return _address(host) is not None


def _address(host: str) -> str | None:
    bare = host.partition("]")[0].removeprefix("[") if host.startswith("[") else host
    for text in (bare, bare.rpartition(":")[0]):
        try:
            return str(ip_address(text))
        except ValueError:
            continue
    return None
