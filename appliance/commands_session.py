"""``setup``, ``login``, ``logout``, ``password``, ``whoami``: the first people, and who is here."""

import getpass
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from appliance.call import Call
from appliance.commands_look import local, zone_of
from appliance.items import items_file, load_items
from appliance.mistakes import read_text
from appliance.output import Answer
from appliance.services import as_json
from appliance.signed_in import (
    LOCAL,
    actor,
    entrance,
    forget_token,
    keep_token,
    somebody,
    token_of,
)
from appliance.words import printable
from custody import directory, enrol
from custody.desk import Desk, Hosts
from custody.enrol import ADMINISTRATORS, Founders, new_person
from custody.enrolment import change_password, enrol_with_code, free_account, issue_code
from custody.entrance import Came, KeyAsked, SignedIn
from custody.history import chain
from custody.hosts import check_hosts, is_local, name_of
from custody.names import PersonFacts, check_facts, check_name
from custody.register import founded
from custody.sessions import sign_out
from custody.sign_in import sign_in
from evidence.codec import format_time
from evidence.errors import ConflictError, NotSignedInError, UsageError
from evidence.json import JsonObject
from evidence.people import ORGANISATION

FOUNDING = "organisation.founded"
HERE = Came("local", "cli")
TYPED_LIMIT = 1000  # characters of one line that somebody types


def setup(call: Call) -> Answer:
    """Found the organisation, and print one code each for its first three people."""
    desk = _open(call)
    asked = call.arguments
    if founded(desk.ledger):  # before anything is asked
        if asked.codes:
            return _again(call)
        raise ConflictError("home_founded")
    name = check_name(asked.organisation or _ask(call, "setup.ask_organisation", "--organisation"))
    hosts = _hosts(call)
    admins = asked.admin or [
        _ask(call, "setup.ask_admin", "--admin") for _ in range(ADMINISTRATORS)
    ]
    auditor = asked.auditor or _ask(call, "setup.ask_auditor", "--auditor")
    founders = Founders(
        {new_person(): _founder(text) for text in admins}, {new_person(): _founder(auditor)}
    )
    enrol.check_founders(founders)
    for facts in founders.all().values():
        free_account(entrance(call), facts.number or facts.name)
    items = load_items(items_file(call.settings))  # adopted with the founding; a mistake ends here
    tls = _tls(call, hosts)
    entry = enrol.found(desk, name, hosts, founders, items)
    return _founded(call, entry, hosts, tls, _codes(call, founders))


def _again(call: Call) -> Answer:
    """Print other codes, as long as none was ever used: lost ones must not close the home.

    Whoever has used one is there to hand out further ones: then it is closed for good.
    """
    desk, passwords = call.services.desk, call.services.accounts.passwords
    founders = enrol.founders_of(desk.ledger)
    if any(passwords.account(each) for each in founders.all()):
        raise ConflictError("home_founded")
    entry = next(each.seq for each in chain(ORGANISATION, desk.ledger) if each.type == FOUNDING)
    enrol.found_again(desk, founders)
    return _founded(call, entry, desk.hosts, None, _codes(call, founders))


def _codes(call: Call, founders: Founders) -> list[JsonObject]:
    admins = [_code(call, "admin", *each) for each in founders.admins.items()]
    return [*admins, *(_code(call, "auditor", *each) for each in founders.auditor.items())]


def _hosts(call: Call) -> Hosts:
    """Return the names under which the appliance is reached, checked."""
    asked = call.arguments
    login = asked.login_host or _ask(call, "setup.ask_login", "--login-host", empty=True)
    sign = asked.sign_host or _ask(call, "setup.ask_sign", "--sign-host", empty=True)
    hosts = Hosts(login or None, sign or None, name_of(sign) if sign else None)
    check_hosts(hosts)
    return hosts


def _tls(call: Call, hosts: Hosts) -> JsonObject | None:
    """Make or take the certificate of the hosts; return where it lies, and whom to trust for it.

    Before anything is founded: what is wrong with a certificate can be mended then.
    """
    from appliance.ca import TlsFiles  # noqa: PLC0415 - slow to load, and used once
    from appliance.tls import prepare  # noqa: PLC0415 - as above

    asked, folder = call.arguments, call.settings.home.tls
    names = [host for host in (hosts.login, hosts.sign) if host and not is_local(host)]
    if (asked.tls_certificate is None) != (asked.tls_key is None):
        raise UsageError("tls_given_half")
    given = None
    if asked.tls_certificate:
        given = TlsFiles(Path(asked.tls_certificate), Path(asked.tls_key))
    if not names:
        return None
    files = prepare(folder, names, given, call.services.desk.clock.now())
    authority = None if given else str(folder / "ca.pem")
    return {"certificate": str(files.certificate), "authority": authority}


def _open(call: Call) -> Desk:
    """Return the desk of this home, which is made where there is none."""
    opened = call.services.open()
    if opened.made:
        call.terminal.notice(call.words("dock.made", home=call.settings.home.path))
    return call.services.desk


def _founder(text: str) -> PersonFacts:
    """Return who is meant by ``NAME`` or ``NAME,NUMBER``."""
    name, _, number = text.partition(",")
    return check_facts(PersonFacts(name, number.strip()))


def _code(call: Call, role: str, person: str, facts: PersonFacts) -> JsonObject:
    account = facts.number or facts.name
    code = issue_code(entrance(call), person, account)
    until = format_time(code.until)
    return {
        "role": role,
        "person": person,
        "name": facts.name,
        "account": account,
        "code": code.text,
        "code_until": until,
    }


def _founded(
    call: Call, entry: int, hosts: Hosts, tls: JsonObject | None, codes: list[JsonObject]
) -> Answer:
    words, zone = call.words, zone_of(call)
    lines = [words("setup.done", entry=entry)]
    for code in codes:
        role, until = words(f"role.{code['role']}"), local(str(code["code_until"]), zone)
        facts = {name: code[name] for name in ("name", "account", "code")}
        lines.append(words("setup.code", role=role, until=until, **facts))
    link = f"https://{hosts.login}/enrol" if hosts.login else None
    lines.append(words("people.link", link=link) if link else words("setup.no_host"))
    if tls and tls["authority"]:
        lines.append(words("setup.authority", path=tls["authority"]))
    lines.append(words("setup.closed"))
    told: JsonObject = {"login": hosts.login, "sign": hosts.sign}
    return Answer({"entry": entry, "hosts": told, "link": link, "tls": tls, "people": codes}, lines)


def login(call: Call) -> Answer:
    """Sign in at the command line; by a code, set the password first."""
    asked = call.arguments
    desk = call.services.desk
    if not founded(desk.ledger):
        raise ConflictError("nobody_set_up")
    before = token_of(call)
    secrets = _Secrets(call)
    if asked.code:
        code, password = secrets.next("login.ask_code"), secrets.next("login.ask_new")
        opened = enrol_with_code(entrance(call), code, password, HERE)
    elif asked.account:
        opened = sign_in(entrance(call), asked.account, secrets.next("login.ask_password"), HERE)
    else:
        raise UsageError("login_who")
    return _signed_in(call, opened, before)


def _signed_in(call: Call, opened: SignedIn | KeyAsked, before: str | None) -> Answer:
    if isinstance(opened, KeyAsked):  # a command line has no security key
        raise NotSignedInError("login_needs_key")
    keep_token(call, opened.token)
    if before:
        sign_out(entrance(call), before)
    line = directory.person(call.services.desk, opened.actor, opened.actor.id, zone_of(call))
    told = call.words("login.done", name=line.name or line.person)
    return Answer({"person": line.person, "name": line.name}, [told])


def logout(call: Call) -> Answer:
    """Sign out; the session ends at once."""
    token = token_of(call)
    if token is None:
        return Answer({"signed_out": False}, [call.words("login.nobody")])
    sign_out(entrance(call), token)
    forget_token(call)
    return Answer({"signed_out": True}, [call.words("login.out")])


def password(call: Call) -> Answer:
    """Change one's own password; every other session of theirs ends."""
    who, token, secrets = somebody(call), token_of(call) or "", _Secrets(call)
    old, new = secrets.next("login.ask_password"), secrets.next("login.ask_new")
    opened = change_password(entrance(call), token, old, new, HERE)
    keep_token(call, opened.token)
    return Answer({"person": who.id, "changed": True}, [call.words("login.changed")])


def whoami(call: Call) -> Answer:
    """Tell who sits here, and what they may do where."""
    who = actor(call)
    if who == LOCAL:
        fields: JsonObject = {"actor": who.id, "person": None}
        return Answer(fields, [call.words("whoami.open")])
    line = directory.person(call.services.desk, who, who.id, zone_of(call))
    words = call.words
    lines = [words("whoami.name", name=line.name or line.person, person=line.person)]
    lines += [
        words(
            "whoami.role",
            role=words(f"role.{each.role}"),
            unit=printable(each.unit_name or each.unit),
        )
        for each in line.roles
        if each.now
    ]
    return Answer({"actor": who.id, "person": as_json(line)}, lines)


def _ask(call: Call, key: str, option: str, *, empty: bool = False) -> str:
    """Return what a person types; where nobody sits at a terminal, the option must say it."""
    if call.terminal.json or not sys.stdin.isatty():
        if empty:
            return ""
        raise UsageError("setup_missing", name=option)
    call.terminal.err.write(call.words(key) + " ")
    call.terminal.err.flush()
    typed = sys.stdin.readline(TYPED_LIMIT).strip()
    if not typed and not empty:
        raise UsageError("setup_missing", name=option)
    return typed


class _Secrets:
    """Codes and passwords: line by line from a file or standard input (``-``), or typed unseen.

    Never from the command line itself: every process of the machine can read that.
    """

    def __init__(self, call: Call) -> None:
        self._call = call
        named = call.arguments.password_file
        self._lines: list[str] | None = None
        if named == "-":
            self._lines = sys.stdin.read(TYPED_LIMIT).split("\n")
        elif named:
            self._lines = read_text(Path(named)).split("\n")

    def next(self, key: str) -> str:
        """Return the next secret."""
        if self._lines is not None:
            line = self._lines.pop(0) if self._lines else ""
        elif sys.stdin.isatty():
            line = getpass.getpass(self._call.words(key) + " ")
        else:
            line = ""
        if not line:
            raise UsageError("password_missing")
        return line


COMMANDS: Mapping[str, Callable[[Call], Answer]] = {
    "setup": setup,
    "login": login,
    "logout": logout,
    "password": password,
    "whoami": whoami,
}
