"""The process that serves browsers: pages and API, with TLS of its own and no proxy before it.

One process, one thread of events; whatever asks the ledger or the disk runs in a pool beside it.
Requests that wait at once are limited, and so are headers; bodies have their limits in the room.
"""

import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import uvicorn

from api.app import create_app
from api.site import Site
from appliance.lean import keep_one_heap
from appliance.tending import tend
from appliance.wire import HEAD_LIMIT_BYTES, OneAtATime, log_to_stderr
from evidence.errors import UsageError

AT_ONCE = 256  # connections and requests; more get 503
IDLE_S = 15
STOP_S = 10
SWEEP_S = 60.0


@dataclass(frozen=True, slots=True)
class Listening:
    """Where to listen.  ``certificate`` None: plain HTTP, for this machine's own browsers."""

    address: str
    port: int
    certificate: Path | None = None
    key: Path | None = None


def serve(site: Site, where: Listening) -> None:
    """Serve until SIGINT or SIGTERM; sessions that are over are ended meanwhile."""
    keep_one_heap()
    config = configured(create_app(site), where)
    log_to_stderr()
    done = threading.Event()
    sweeper = threading.Thread(target=_sweep, args=(site, done), daemon=True)
    sweeper.start()
    try:
        uvicorn.Server(config).run()
    finally:
        done.set()
        sweeper.join(STOP_S)


def configured(app: Callable[..., object], where: Listening) -> uvicorn.Config:
    """Return how ``app`` is served; the bench serves what it compares us with in the same way.

    Raises ``UsageError`` (``http_plain``) where passwords would cross a network in clear.
    """
    if where.certificate is None and not _is_loopback(where.address):
        raise UsageError("http_plain", address=where.address)
    config = uvicorn.Config(
        app,
        host=where.address,
        port=where.port,
        http=OneAtATime,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,  # what people did stands in the ledger; paths tell whom they looked for
        server_header=False,
        proxy_headers=False,  # nobody before us can say from where somebody comes
        limit_concurrency=AT_ONCE,
        h11_max_incomplete_event_size=HEAD_LIMIT_BYTES,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=STOP_S,
        ssl_certfile=where.certificate,
        ssl_keyfile=where.key,
    )
    config.load()
    if config.ssl is not None:
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
    return config


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False  # a name may mean any address


def _sweep(site: Site, done: threading.Event) -> None:
    """See ``tend``: sessions, failures, and looks of a command that was killed meanwhile."""
    while not done.wait(SWEEP_S):
        tend(site.desk, site.entrance)
