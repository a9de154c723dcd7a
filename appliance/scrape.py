"""The listener of metrics: ``/metrics``, ``/health`` and ``/ready``, for this machine alone.

Loopback or a Unix socket: there is no sign-in here, and nothing is told that would need one.  Who
wants it elsewhere puts something before it that asks who comes.
"""

import asyncio
import json
import re
import socket
import stat
from collections.abc import Awaitable, Callable, MutableMapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, TypeAlias

import uvicorn

from appliance.measuring import Measuring
from appliance.metrics import CONTENT_TYPE, rendered
from appliance.place import Place
from appliance.readiness import readiness_json
from appliance.wire import HEAD_LIMIT_BYTES, OneAtATime, log_to_stderr
from evidence.errors import UsageError
from vault.wire import socket_address

AT_ONCE: Final = 16  # connections; more get 503
IDLE_S: Final = 15
STOP_S: Final = 3
BACKLOG: Final = 16
SOCKET_MODE: Final = 0o660  # the group, and nobody else
JSON_TYPE: Final = "application/json"
_HOST: Final = re.compile(r"(?P<name>localhost|[0-9.]+|\[[0-9a-fA-F:.]+\])(:[0-9]{1,5})?")

Scope: TypeAlias = MutableMapping[str, Any]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Reply: TypeAlias = tuple[int, str, bytes]  # status, content type, body


def listen(place: Place) -> socket.socket:
    """Return the listening socket; raises ``UsageError`` (``metrics_taken``)."""
    told = str(place.path or f"{place.address}:{place.port}")
    try:
        return _listen_unix(place.path) if place.path else _listen_tcp(place)
    except OSError as error:
        because = error.strerror or type(error).__name__
        raise UsageError("metrics_taken", listen=told, because=because) from error


def _listen_tcp(place: Place) -> socket.socket:
    family = socket.AF_INET6 if ":" in place.address else socket.AF_INET
    return socket.create_server((place.address, place.port), family=family, backlog=BACKLOG)


def _listen_unix(path: Path) -> socket.socket:
    _forget(path)
    listener = socket.socket(socket.AF_UNIX)
    try:
        with socket_address(path) as address:
            listener.bind(address)
        path.chmod(SOCKET_MODE)  # before listen: until then nobody gets in
        listener.listen(BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


def _forget(path: Path) -> None:
    """Take away the name of a socket at which nobody listens any more, and nothing else."""
    if not (path.exists() and stat.S_ISSOCK(path.stat().st_mode)):
        return
    with socket.socket(socket.AF_UNIX) as probe, socket_address(path) as address:
        try:
            probe.connect(address)
        except ConnectionRefusedError:
            path.unlink()


def serve(measuring: Measuring, listener: socket.socket, place: Place) -> None:
    """Answer until SIGINT or SIGTERM; then nobody listens at ``place`` any more."""
    config = uvicorn.Config(
        App(measuring, local=place.path is None),
        http=OneAtATime,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=AT_ONCE,
        h11_max_incomplete_event_size=HEAD_LIMIT_BYTES,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=STOP_S,
    )
    log_to_stderr()
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        listener.close()
        if place.path:
            place.path.unlink(missing_ok=True)


class App:
    """The three answers (ASGI)."""

    def __init__(self, measuring: Measuring, *, local: bool) -> None:
        """``local``: at a port, which a browser could be talked into asking by another name."""
        self._measuring, self._local = measuring, local
        self._one = asyncio.Lock()  # who counts: counters grow in one scrape at a time

    async def __call__(self, scope: Scope, receive: object, send: Send) -> None:
        """Answer one request."""
        del receive
        if scope["type"] != "http":
            return
        status, kind, body = await self._answer(scope)
        headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
        headers += [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope) -> Reply:
        if self._local and not _is_ours(scope):
            return _json(421, {"error": "host"})
        if scope["method"] not in {"GET", "HEAD"}:
            return _json(405, {"error": "method"})
        answers: dict[str, Callable[[], Awaitable[Reply]]] = {
            "/metrics": self._metrics,
            "/health": _health,
            "/ready": self._ready,
        }
        found = answers.get(scope["path"])
        return await found() if found else _json(404, {"error": "path"})

    async def _metrics(self) -> Reply:
        async with self._one:
            scrape = await asyncio.to_thread(self._measuring.scrape)
        return 200, CONTENT_TYPE, rendered(scrape)

    async def _ready(self) -> Reply:
        found = await asyncio.to_thread(self._measuring.ready)
        return _json(200 if found.ready else 503, readiness_json(found))


async def _health() -> Reply:
    """Answer that this process answers; nothing else is asked."""
    return _json(200, {"health": "ok"})


def _json(status: int, value: object) -> Reply:
    return status, JSON_TYPE, json.dumps(value).encode() + b"\n"


def _is_ours(scope: Scope) -> bool:
    """Tell whether the request names this machine itself, and not a name that leads to it."""
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    found = _HOST.fullmatch(hosts[0].decode("latin-1")) if len(hosts) == 1 else None
    if found is None:
        return False
    name = found["name"]
    try:
        return name == "localhost" or ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False
