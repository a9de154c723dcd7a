"""One message and a real server: SMTP, HTTP and TLS on loopback, and every way they let us down."""

import hashlib
import hmac
from datetime import UTC, datetime

import pytest

from appliance import post
from appliance.ca import issue, make_authority
from appliance.post import NotSentError, call_hook, send_mail, signature
from appliance.secret import SecretError
from tests.fakes.clock import NOON
from tests.fakes.hook import Hook
from tests.fakes.mailserver import MailServer

AT = int(NOON.timestamp())
TEXT = "* 证据库字节与封存时不同：第 7 条\n.\n. a line that begins with a point\n"


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    """An authority of ours, and the files of a server at 127.0.0.1."""
    folder = tmp_path_factory.mktemp("tls")
    now = datetime.now(UTC)  # what checks a certificate asks the real clock
    authority = make_authority(folder, ["127.0.0.1"], now)
    files = issue(folder, ["127.0.0.1"], now)
    return authority, (files.certificate, files.key)


@pytest.fixture
def trusted(tls, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(tls[0]))
    return tls[1]


@pytest.fixture
def secret(tmp_path):
    file = tmp_path / "secret"
    file.write_bytes(b"correct horse\r\nnot this line\n")
    file.chmod(0o600)
    return file


def mail(server, **changes):
    plan = {"to": ["duty@bureau.example"], "from": "dock@bureau.example", "host": "127.0.0.1"}
    plan |= {"port": server.port, "tls": "none", "user": "", "password_file": "", "id": "ab12"}
    plan |= {"at": AT, "subject": "[Dockseal] 1 条警报", "text": TEXT}
    return {**plan, **changes}


def hook(url, **changes):
    return {"url": url, "secret_file": "", "id": "ab12", "at": AT, "body": '{"a": "警"}', **changes}


def because(act, plan):
    with pytest.raises((NotSentError, SecretError)) as caught:
        act(plan)
    return str(caught.value)


# --- mail


def test_a_mail_comes_as_it_was_written_to_everybody_it_is_for():
    people = ["duty@bureau.example", "head@bureau.example"]
    with MailServer().running() as server:
        assert send_mail(mail(server, to=people)) == 0
    ((sender, got, message),) = server.mails
    assert (sender, list(got)) == ("dock@bureau.example", people)
    assert message["Subject"] == "[Dockseal] 1 条警报"
    assert message["Message-ID"] == "<ab12@bureau.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == NOON
    assert message.get_content().replace("\r\n", "\n") == TEXT


def test_over_starttls_and_tls_it_is_signed_in_under_protection_only(trusted, secret):
    login = {"user": "dock", "password_file": str(secret)}
    for how, wrapped in (("starttls", False), ("tls", True)):
        with MailServer(files=trusted, wrapped=wrapped).running() as server:
            assert send_mail(mail(server, tls=how, **login)) == 0
        assert (server.logins, server.secured) == ([("dock", "correct horse")], [True])


@pytest.mark.parametrize(("how", "wrapped"), [("starttls", False), ("tls", True)])
def test_a_certificate_that_nobody_vouches_for_gets_no_mail_and_no_password(
    tls, secret, how, wrapped
):
    with MailServer(files=tls[1], wrapped=wrapped).running() as server:
        plan = mail(server, tls=how, user="dock", password_file=str(secret))
        assert because(send_mail, plan) == "mail_tls"
    assert (server.logins, server.mails) == ([], [])


def test_where_starttls_is_not_offered_nothing_goes_in_clear(secret):
    with MailServer("no_tls").running() as server:
        plan = mail(server, tls="starttls", user="dock", password_file=str(secret))
        assert because(send_mail, plan) == "mail_no_tls"
    assert (server.logins, server.mails) == ([], [])


@pytest.mark.parametrize(
    ("fault", "word", "taken"),
    [
        ("drop", "mail_lost", 1),  # it may come twice, and is known by its Message-ID
        ("full", "mail_refused", 0),
        ("nobody", "mail_refused", 0),
    ],
)
def test_a_server_that_does_not_say_yes_has_not_said_yes(fault, word, taken):
    with MailServer(fault).running() as server:
        assert because(send_mail, mail(server)) == word
    assert len(server.mails) == taken


def test_a_refused_password_is_told_and_nothing_is_sent(secret):
    with MailServer("login").running() as server:
        plan = mail(server, user="dock", password_file=str(secret))
        assert because(send_mail, plan) == "mail_login"
    assert server.mails == []


def test_an_address_that_is_refused_keeps_the_mail_from_no_other_and_is_counted():
    people = ["duty@bureau.example", "stranger@bureau.example"]
    with MailServer("stranger").running() as server:
        assert send_mail(mail(server, to=people)) == 1
    assert [got for _, got, _ in server.mails] == [("duty@bureau.example",)]


def test_a_server_that_says_nothing_is_waited_for_as_long_as_one_answer_may_take(monkeypatch):
    monkeypatch.setattr(post, "STEP_S", 0.1)
    with MailServer("silent").running() as server:
        assert because(send_mail, mail(server)) in {"mail_unreachable", "mail_lost"}


def test_a_server_that_is_not_there_is_told():
    with MailServer().running() as server:
        pass
    assert because(send_mail, mail(server)) == "mail_unreachable"


# --- the password


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o620])
def test_a_password_that_others_can_read_is_not_used_and_no_server_is_asked(secret, mode):
    secret.chmod(mode)
    with MailServer().running() as server:
        plan = mail(server, user="dock", password_file=str(secret))
        assert because(send_mail, plan) == "secret_exposed"
    assert (server.logins, server.mails) == ([], [])


def test_a_password_that_is_no_file_or_empty_or_missing_is_told(secret, tmp_path):
    with MailServer().running() as server:

        def told(path):
            return because(send_mail, mail(server, user="dock", password_file=str(path)))

        assert told(tmp_path / "none") == "secret_unreadable"
        assert told(tmp_path) == "secret_unreadable"
        assert told("/dev/null") in {"secret_unreadable", "secret_exposed"}
        secret.write_bytes(b"\n")
        assert told(secret) == "secret_empty"


# --- webhook


def test_a_document_comes_whole_under_its_id_and_signed_with_its_time(secret):
    with Hook().running() as server:
        assert call_hook(hook(server.url, secret_file=str(secret))) == 0
    ((path, headers, document, body),) = server.calls
    assert (path, document) == ("/hook?key=1", {"a": "警"})
    assert headers["Content-Type"] == "application/json"
    assert headers["Idempotency-Key"] == "ab12"
    told = hmac.new(b"correct horse", f"{AT}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["Dockseal-Signature"] == f"t={AT},v1={told}"
    assert signature(b"correct horse", body, AT + 1) != headers["Dockseal-Signature"]


def test_without_a_secret_there_is_no_signature():
    with Hook().running() as server:
        call_hook(hook(server.url))
    assert "Dockseal-Signature" not in server.calls[0][1]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status):
    with Hook().running() as elsewhere, Hook(status, elsewhere.url).running() as server:
        assert because(call_hook, hook(server.url)) == "webhook_redirects"
    assert elsewhere.calls == []


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_an_answer_that_is_no_yes_is_told_with_its_number(status):
    with Hook(status).running() as server:
        assert because(call_hook, hook(server.url)) == f"webhook_answered {status}"


def test_https_is_spoken_with_whom_somebody_vouches_for(trusted):
    with Hook(files=trusted).running() as server:
        assert call_hook(hook(server.url)) == 0
    assert len(server.calls) == 1


def test_https_is_not_spoken_with_a_stranger(tls):
    with Hook(files=tls[1]).running() as server:
        assert because(call_hook, hook(server.url)) == "webhook_tls"
    assert server.calls == []


def test_a_hook_that_never_answers_or_is_not_there_is_told(monkeypatch):
    monkeypatch.setattr(post, "STEP_S", 0.1)
    with Hook(silent=True).running() as server:
        assert because(call_hook, hook(server.url)) == "webhook_unreachable"
    assert because(call_hook, hook(server.url)) == "webhook_unreachable"
