"""A mail server on loopback that speaks SMTP (RFC 5321), and lets a test down as it is told to.

``fault``: ``silent`` (never a word), ``dribble`` (a byte now and then, no line), ``no_tls`` (no
STARTTLS), ``drop`` (takes the mail and drops the connection), ``full`` (refuses it after DATA),
``stranger`` (refuses one address), ``nobody`` (refuses all), ``login`` (refuses the password).
"""

import base64
import email
import email.policy
import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress


class MailServer:
    """``mails``: (sender, addresses, message) of what it took, dropped ones too."""

    def __init__(self, fault=None, files=None, *, wrapped=False):
        self.fault, self.files, self.wrapped = fault, files, wrapped
        self.mails, self.logins, self.secured = [], [], []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open, self._over = [], False
        self._thread = threading.Thread(target=self._serve)

    def _serve(self):
        while not self._over:
            with suppress(OSError):
                connection, _ = self._listener.accept()
                self._open.append(connection)
                with suppress(OSError), connection:
                    self._talk(connection)

    def _context(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.files)
        return context

    def _talk(self, connection):
        if self.fault == "silent":
            connection.recv(1)  # until they have enough
            return
        while self.fault == "dribble":
            connection.sendall(b"2")
            time.sleep(0.05)
        if self.wrapped:
            connection = self._context().wrap_socket(connection, server_side=True)
        with connection:
            talk = _Conversation(self, connection)
            try:
                talk.run(wrapped=self.wrapped)
            finally:
                talk.close()

    def close(self):
        self._over = True
        for each in (*self._open, self._listener):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._thread.join()

    @contextmanager
    def running(self):
        self._thread.start()
        try:
            yield self
        finally:
            self.close()


class _Conversation:
    def __init__(self, server, connection):
        self.server, self.connection = server, connection
        self.file = connection.makefile("rb")
        self.sender, self.people = None, []

    def say(self, *lines):
        last = len(lines) - 1
        for number, line in enumerate(lines):
            text = line if number == last else f"{line[:3]}-{line[4:]}"
            self.connection.sendall(f"{text}\r\n".encode())

    def run(self, *, wrapped):
        self.say("220 test.example ESMTP")
        while line := self.file.readline().decode().strip():
            verb, _, rest = line.partition(" ")
            verb = verb.upper()
            if verb == "EHLO":
                tls = () if wrapped or self.server.fault == "no_tls" else ("250 STARTTLS",)
                self.say("250 test.example", *tls, "250 AUTH PLAIN", "250 OK")
            elif verb == "STARTTLS":
                self.say("220 go")
                context = self.server._context()
                self.connection = context.wrap_socket(self.connection, server_side=True)
                self.file.close()
                self.file, wrapped = self.connection.makefile("rb"), True
            elif verb == "DATA":
                if not self.data(wrapped):
                    break
            elif not self.simple(verb, rest):
                break

    def close(self):
        self.file.close()
        self.connection.close()

    def simple(self, verb, rest):
        fault = self.server.fault
        if verb == "AUTH":
            told = base64.b64decode(rest.partition(" ")[2]).split(b"\0")
            self.server.logins.append(tuple(each.decode() for each in told[1:]))
            self.say("535 no" if fault == "login" else "235 yes")
        elif verb == "MAIL":
            self.sender = rest[rest.index("<") + 1 : rest.index(">")]
            self.say("250 OK")
        elif verb == "RCPT":
            who = rest[rest.index("<") + 1 : rest.index(">")]
            strange = fault == "nobody" or (fault == "stranger" and who.startswith("stranger"))
            self.people += [] if strange else [who]
            self.say("550 who" if strange else "250 OK")
        elif verb == "RSET":
            self.say("250 OK")
        else:
            self.say("221 bye")
            return False
        return True

    def data(self, wrapped):
        self.say("354 go")
        lines = []
        while (line := self.file.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b"."))
        mail = email.message_from_bytes(b"".join(lines), policy=email.policy.SMTP)
        if self.server.fault == "full":
            self.say("452 no room")
            return True
        self.server.mails.append((self.sender, tuple(self.people), mail))
        self.server.secured.append(wrapped)
        if self.server.fault == "drop":
            return False
        self.say("250 taken")
        return True
