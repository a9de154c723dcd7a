"""What the ledger process answers: one function for each request, in one table, and an append."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evidence.codec import encode_statement
from evidence.entry import Commitment
from evidence.errors import CustodyError, MalformedError, VaultUnavailableError
from evidence.json import Json, JsonObject
from vault.feed import CatalogueFeed
from vault.ledger import LedgerStore
from vault.wire import VERSION, parse_drafts, receipt_json
from vault.writer import Tell, Writer

CATALOGUE_WAIT_S = 30.0  # the longest that one request waits for the catalogue


Lawful = Callable[[Sequence[str]], None]  # raises unless every one of these segments may end


def nothing_is_lawful(segments: Sequence[str]) -> None:
    """Raise ``CustodyError`` (``not_disposed``): nobody is here to decide it."""
    raise CustodyError("not_disposed", segment=", ".join(segments))


@dataclass(frozen=True, slots=True)
class Service:
    """The parts that requests are answered from; ``feed`` is None without a catalogue."""

    store: LedgerStore
    writer: Writer
    feed: CatalogueFeed | None
    lawful: Lawful


def answer(service: Service, request: JsonObject) -> JsonObject:
    """Return the content of ``ok``.  Raises ``EvidenceError``, which becomes the answer."""
    ask = request.get("ask")
    handler = _HANDLERS.get(ask) if isinstance(ask, str) else None
    if request.get("v") != VERSION or handler is None:
        raise MalformedError("request_unknown", ask=str(ask))
    return handler(service, request)


def post_append(service: Service, request: JsonObject, tell: Tell) -> None:
    """Let drafts be appended; ``tell`` hears the outcome.  Raises ``EvidenceError`` before that."""
    if request.get("v") != VERSION:
        raise MalformedError("request_unknown", ask="append")
    service.writer.post(parse_drafts(request.get("drafts")), tell)


def _last(service: Service, request: JsonObject) -> JsonObject:
    return {"index": service.store.last(_text(request, "subject"))}


def _entry(service: Service, request: JsonObject) -> JsonObject:
    return {"entry": service.store.leaf(_integer(request, "index")).decode()}


def _statement(service: Service, request: JsonObject) -> JsonObject:
    statement = service.store.statement(_integer(request, "index"))
    return {"statement": encode_statement(statement).decode() if statement else None}


def _paper(service: Service, request: JsonObject) -> JsonObject:
    commitment = Commitment(_text(request, "of"), _text(request, "sha256"))
    statement = service.store.paper(commitment)
    return {"statement": encode_statement(statement).decode() if statement else None}


def _papers(service: Service, request: JsonObject) -> JsonObject:
    after = None if request.get("after") is None else _integer(request, "after")
    rows = service.store.papers(after)
    return {"rows": [[number, seq, each.of, each.sha256] for number, seq, each in rows]}


def _subjects(service: Service, _request: JsonObject) -> JsonObject:
    size, count = service.store.subjects()
    return {"size": size, "count": count}


def _pseudonym(service: Service, request: JsonObject) -> JsonObject:
    return {"id": service.store.pseudonym(_text(request, "kind"), _text(request, "text"))}


def _checkpoint(service: Service, _request: JsonObject) -> JsonObject:
    return {"note": service.store.checkpoint().decode()}


def _wait_catalogue(service: Service, request: JsonObject) -> JsonObject:
    if service.feed is None:
        raise VaultUnavailableError("catalogue_down", because="none")
    timeout_s = min(_integer(request, "timeout_ms") / 1000, CATALOGUE_WAIT_S)
    return {"applied": service.feed.wait(_integer(request, "index"), timeout_s)}


def _rebuild_catalogue(service: Service, _request: JsonObject) -> JsonObject:
    if service.feed is None:
        raise VaultUnavailableError("catalogue_down", because="none")
    made = service.feed.rebuild()
    return {"entries": made.entries, "rows": made.rows}


def _accept_clock(service: Service, request: JsonObject) -> JsonObject:
    return receipt_json(service.writer.accept_clock(_text(request, "actor")))


def _shred(service: Service, request: JsonObject) -> JsonObject:
    segments = _texts(request, "segments")
    service.lawful(segments)
    service.store.shred(segments)
    return {}


_HANDLERS: dict[str, Callable[[Service, JsonObject], JsonObject]] = {
    "last": _last,
    "entry": _entry,
    "statement": _statement,
    "paper": _paper,
    "papers": _papers,
    "subjects": _subjects,
    "pseudonym": _pseudonym,
    "checkpoint": _checkpoint,
    "wait_catalogue": _wait_catalogue,
    "rebuild_catalogue": _rebuild_catalogue,
    "accept_clock": _accept_clock,
    "shred": _shred,
}


def _text(request: JsonObject, name: str) -> str:
    value = request.get(name)
    if not isinstance(value, str):
        raise MalformedError("request_malformed", field=name)
    return value


def _texts(request: JsonObject, name: str) -> list[str]:
    value = request.get(name)
    if not isinstance(value, list):
        raise MalformedError("request_malformed", field=name)
    return [_text({name: each}, name) for each in value]


def _integer(request: JsonObject, name: str) -> int:
    value: Json = request.get(name)
    if type(value) is not int:  # not isinstance: True is an int
        raise MalformedError("request_malformed", field=name)
    return value
