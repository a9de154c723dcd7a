"""Takes one message to its way: a process of its own, so that no server can hold who sends.

What to do comes on standard input, so that no address stands in a list of processes; the answer is
one line of JSON: ``sent`` with how many addresses were refused, or ``because``, a word.  Nothing
is tried twice here and no other way is taken: no redirect is followed, no protection given up.
"""

import http.client
import json
import smtplib
import ssl
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from hmac import new as hmac
from typing import Any
from urllib.parse import urlsplit

from appliance.secret import SecretError, read_secret

PLAN_LIMIT_BYTES = 1 << 20
STEP_S = 10.0  # for one answer; all of it is bounded by who started us


class NotSentError(Exception):
    """It did not go, or nobody knows whether it did: a word, and a status where there is one."""


def main() -> int:
    """Do what standard input says; return 0 also where it did not go: that is an answer."""
    plan = json.loads(sys.stdin.buffer.read(PLAN_LIMIT_BYTES))
    try:
        answer: dict[str, Any] = {"sent": True, "refused": _WAYS[plan["way"]](plan)}
    except (NotSentError, SecretError) as error:
        answer = {"sent": False, "because": str(error)}
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0


def send_mail(plan: Mapping[str, Any]) -> int:
    """Send one mail to all; return how many were refused where others took it."""
    password = read_secret(plan["password_file"]) if plan["user"] else None
    try:
        with _server(plan) as server:
            if password is not None:
                server.login(plan["user"], password.decode())
            refused = server.send_message(_mail(plan), plan["from"], plan["to"])
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        raise NotSentError(_because(error)) from error
    return len(refused)


def _server(plan: Mapping[str, Any]) -> smtplib.SMTP:
    """Return the server behind the protection that was asked for, which is never given up."""
    host, port, name = plan["host"], plan["port"], plan["from"].rpartition("@")[2]
    if plan["tls"] == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, port, name, timeout=STEP_S, context=context)
    server = smtplib.SMTP(host, port, name, timeout=STEP_S)
    if plan["tls"] == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except smtplib.SMTPNotSupportedError as error:
            server.close()
            raise NotSentError("mail_no_tls") from error
        except BaseException:
            server.close()
            raise
    return server


def _because(error: Exception) -> str:
    """Return the word of what a mail server did; words of its own stay with it."""
    words: tuple[tuple[type[Exception], str], ...] = (
        (ssl.SSLError, "mail_tls"),
        (smtplib.SMTPAuthenticationError, "mail_login"),
        (smtplib.SMTPNotSupportedError, "mail_login"),
        (smtplib.SMTPRecipientsRefused, "mail_refused"),
        (smtplib.SMTPSenderRefused, "mail_refused"),
        (smtplib.SMTPDataError, "mail_refused"),
        (smtplib.SMTPServerDisconnected, "mail_lost"),
        (smtplib.SMTPException, "mail_refused"),
        (OSError, "mail_unreachable"),
    )
    return next((word for kind, word in words if isinstance(error, kind)), "mail_login")


def _mail(plan: Mapping[str, Any]) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = plan["subject"]
    mail["From"] = plan["from"]
    mail["To"] = ", ".join(plan["to"])
    mail["Date"] = format_datetime(datetime.fromtimestamp(plan["at"], UTC))
    # The same when it is tried again: who got it twice can tell.
    mail["Message-ID"] = f"<{plan['id']}@{plan['from'].rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's machine answers
    mail.set_content(plan["text"], cte="base64")
    return mail


def call_hook(plan: Mapping[str, Any]) -> int:
    """POST the document; return 0."""
    parts, body = urlsplit(plan["url"]), plan["body"].encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "dockseal",
        "Idempotency-Key": plan["id"],
    }
    if plan["secret_file"]:
        headers["Dockseal-Signature"] = signature(
            read_secret(plan["secret_file"]), body, plan["at"]
        )
    where = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection = _connection(parts.scheme, parts.hostname or "", parts.port)
        with closing(connection):
            connection.request("POST", where, body, headers)
            status = connection.getresponse().status
    except ssl.SSLError as error:
        raise NotSentError("webhook_tls") from error
    except (OSError, http.client.HTTPException) as error:
        raise NotSentError("webhook_unreachable") from error
    _check_status(status)
    return 0


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=STEP_S, context=context)
    return http.client.HTTPConnection(host, port, timeout=STEP_S)


def _check_status(status: int) -> None:
    """Raise for everything but yes; a redirect would take it to where nobody has said it may go."""
    if 300 <= status < 400:  # noqa: PLR2004 - the class of a status (RFC 9110)
        raise NotSentError("webhook_redirects")
    if not 200 <= status < 300:  # noqa: PLR2004 - as above
        raise NotSentError(f"webhook_answered {status}")


def signature(secret: bytes, body: bytes, at: int) -> str:
    """Return the header by which the receiver knows us: the time is signed, so none is replayed."""
    told = hmac(secret, f"{at}.".encode() + body, sha256).hexdigest()
    return f"t={at},v1={told}"


_WAYS: Mapping[str, Callable[[Mapping[str, Any]], int]] = {
    "mail": send_mail,
    "webhook": call_hook,
}

if __name__ == "__main__":
    sys.exit(main())
