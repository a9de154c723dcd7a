"""A web server on loopback that takes POSTs, and answers as it is told to."""

import json
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Hook:
    """``calls``: (path, headers, document, body) of every POST.  ``silent``: it never answers."""

    def __init__(self, status=204, location=None, *, silent=False, files=None):
        self.status, self.location, self.silent = status, location, silent
        self.calls, self.over = [], threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        if files:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*files)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.scheme = "https" if files else "http"

    @property
    def url(self):
        return f"{self.scheme}://127.0.0.1:{self.server.server_port}/hook?key=1"

    def _handler(self):
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.calls.append((self.path, dict(self.headers), json.loads(body), body))
                if hook.silent:
                    hook.over.wait(30)
                    return
                self.send_response(hook.status)
                if hook.location:
                    self.send_header("Location", hook.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self):
                hook.calls.append((self.path, {}, None, b""))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        return Handler

    @contextmanager
    def running(self):
        thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield self
        finally:
            self.over.set()
            self.server.shutdown()
            thread.join()
            self.server.server_close()
