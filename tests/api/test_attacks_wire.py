"""Bytes that no browser sends: requests that hide another one, bombs, and lines for the log."""

import json
from contextlib import closing, suppress

import pytest

from tests.api.browser import API, PHRASE
from tests.api.wire import HEAD, HOST, Wire, answers, hear

GET = f"GET {API}/me HTTP/1.1\r\n{HEAD}"
POST = f"POST {API}/session HTTP/1.1\r\n{HEAD}Content-Type: application/json\r\n"
HIDDEN = f"GET /smuggled HTTP/1.1\r\n{HEAD}\r\n"
EMPTY_CHUNKS = "0\r\n\r\n"
PLANTED = "PLANTED"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    made = Wire(tmp_path_factory.mktemp("wire")).start()
    yield made
    made.stop()


@pytest.fixture
def wire(served):
    served.seen.clear()
    served.lines.text = ""
    return served


def chunked(text, end="\r\n"):
    return f"{len(text):x}{end}{text}\r\n{EMPTY_CHUNKS}"


def test_a_request_as_browsers_send_it_is_answered_and_the_connection_stays(wire):
    body = json.dumps({"account": "head", "password": PHRASE})
    whole = f"{POST}Content-Length: {len(body)}\r\n\r\n{body}"
    with closing(wire.connect()) as opened:
        opened.sendall(whole.encode())
        first, closed = hear(opened)
        opened.sendall(f"{GET}\r\n".encode())
        second, _ = hear(opened)
    assert (answers(first), closed, answers(second)) == ([200], False, [401])
    assert len(wire.seen) == 2


def test_a_request_in_pieces_is_one_request(wire):
    whole = f"{GET}\r\n".encode()
    with closing(wire.connect()) as opened:
        for at in range(len(whole)):
            opened.sendall(whole[at : at + 1])
        heard, closed = hear(opened)
    assert (answers(heard), closed) == ([401], False)


# What hides a second request, by the way in which somebody else would read it.
SMUGGLED = {
    "CL.TE": POST + f"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n{EMPTY_CHUNKS}",
    "TE.CL": POST + f"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n{chunked('{}')}",
    "two lengths": POST + "Content-Length: 2\r\nContent-Length: 0\r\n\r\n{}",
    "two lengths in a line": POST + "Content-Length: 2, 0\r\n\r\n{}",
    "the same length twice": POST + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "a length with a sign": POST + "Content-Length: +2\r\n\r\n{}",
    "a negative length": POST + "Content-Length: -2\r\n\r\n{}",
    "a length in hex": POST + "Content-Length: 0x2\r\n\r\n{}",
    "an empty length": POST + "Content-Length: \r\n\r\n{}",
    "a length with a space before its colon": POST + "Content-Length : 2\r\n\r\n{}",
    "a length with a null": POST + "Content-Length: 2\0\r\n\r\n{}",
    "two encodings": POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n"
        + EMPTY_CHUNKS,
    "an encoding that is none": POST + f"Transfer-Encoding: xchunked\r\n\r\n{EMPTY_CHUNKS}",
    "chunked and another": POST + f"Transfer-Encoding: chunked, identity\r\n\r\n{EMPTY_CHUNKS}",
    "chunked behind a tab": POST + f"Transfer-Encoding:\x0bchunked\r\n\r\n{EMPTY_CHUNKS}",
    "chunked before its colon": POST + f"Transfer-Encoding : chunked\r\n\r\n{EMPTY_CHUNKS}",
    "chunked of HTTP/1.0": POST.replace("1.1", "1.0")
        + f"Transfer-Encoding: chunked\r\n\r\n{EMPTY_CHUNKS}",
    "a folded length": POST + "X-A: b\r\n Content-Length: 2\r\n\r\n",
    "a folded encoding": POST + "Transfer-Encoding:\r\n chunked\r\n\r\n" + EMPTY_CHUNKS,
    "a folded first header": f"POST {API}/session HTTP/1.1\r\n X: y\r\n{HEAD}\r\n",
    "a bare LF": POST + "X-A: b\nContent-Length: 2\r\n\r\n{}",
    "only bare LFs": GET.replace("\r\n", "\n") + "\n",
    "a bare CR": POST + "X-A: b\rContent-Length: 2\r\n\r\n{}",
    "an empty line first": "\r\n" + GET + "\r\n",
    "a chunk with a bare LF": POST + "Transfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n",
    "a chunk of another length": POST + "Transfer-Encoding: chunked\r\n\r\n3\r\n{}\r\n0\r\n\r\n",
    "a chunk with a sign": POST + "Transfer-Encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n",
    "a chunk with 0x": POST + "Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n",
    "a chunk of a huge length": POST + f"Transfer-Encoding: chunked\r\n\r\n{'f' * 30}\r\n{{}}",
    "a chunk that says nothing": POST + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "a length with a get": GET + "Content-Length: 0\r\n\r\n",
    "one behind the other": GET + "\r\n",
    "an upgrade to HTTP/2": GET + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
        "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
    "an upgrade to a websocket": GET + "Connection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    "HTTP/0.9": "GET /\r\n",
    "HTTP/2.0 in words": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "two hosts": GET + f"Host: {HOST}\r\n\r\n",
    "no host": f"GET {API}/me HTTP/1.1\r\n\r\n",
    "a space in the target": f"GET {API}/me {API} HTTP/1.1\r\n{HEAD}\r\n",
}  # fmt: skip


@pytest.mark.parametrize("how", SMUGGLED)
def test_no_request_hides_behind_another(wire, how):
    heard, closed = wire.say(SMUGGLED[how] + HIDDEN)
    assert closed, "what came behind is read by nobody"
    assert len(answers(heard)) <= 1
    assert len(wire.seen) <= 1
    assert all("smuggled" not in path for _, path in wire.seen)
    assert PHRASE not in wire.lines.text


@pytest.mark.parametrize(
    "how",
    [each for each in SMUGGLED if "LF" in each or "CR" in each or "folded" in each
     or each in {"two lengths", "a length with a sign", "a length in hex", "two encodings",
                 "an encoding that is none", "chunked before its colon", "no host",
                 "a length with a space before its colon"}],
)  # fmt: skip
def test_what_can_be_read_in_two_ways_reaches_nobody(wire, how):
    heard, closed = wire.say(SMUGGLED[how])
    if how == "a chunk with a bare LF":  # its head is whole: it came, its body did not
        assert (answers(heard), closed) == ([400], True)
        return
    assert (wire.seen, closed) == ([], True)
    assert answers(heard) in ([400], [501])


@pytest.mark.parametrize("how", ["CL.TE", "TE.CL"])
def test_a_body_with_two_ends_is_refused_before_it_is_read(wire, how):
    heard, closed = wire.say(SMUGGLED[how])
    assert (answers(heard), closed) == ([400], True)
    assert b'"word":"request_malformed"' in heard


@pytest.mark.parametrize("target", [f"http://evil.example{API}/me", "*", "//evil.example/", "/../"])
def test_a_target_is_a_path_of_ours(wire, target):
    heard, _ = wire.say(f"GET {target} HTTP/1.1\r\n{HEAD}\r\n")
    assert answers(heard)[0] in {400, 404}
    assert b"evil" not in heard


@pytest.mark.parametrize("host", ["evil.example", "dock1.example.evil.example", f"{HOST}@evil", ""])
def test_another_host_is_not_here(wire, host):
    heard, _ = wire.say(f"GET {API}/me HTTP/1.1\r\nHost: {host}\r\n\r\n")
    assert answers(heard)[0] in {400, 404}


@pytest.mark.parametrize(
    "path",
    [
        "/ledger/tile/../../private/signing.key", "/ledger/../private/signing.key",
        "/s/../../appliance.toml", "/ledger/tile/..\\..\\private", "/ledger/tile/0/000/../../vkey",
        "/ledger/tile//etc/passwd", "/ledger/tile/%2e%2e/%2e%2e/vkey", "/ledger//checkpoint",
        f"{API}/grants/../../ledger/tile/0/../../private/station.secret", "/./etc/passwd", "//",
        f"/sign/..{API}/sign/decision", "/ledger/tile/0/000;x", "/ledger/tile/0/000%23",
    ],
)  # fmt: skip
def test_a_path_is_taken_as_it_was_sent_and_leads_nowhere(wire, path, monkeypatch):
    asked = []
    monkeypatch.setattr(wire.office.bureau.house.tiles, "read", asked.append)
    heard, _ = wire.say(f"GET {path} HTTP/1.1\r\n{HEAD}\r\n")
    assert answers(heard)[0] in {400, 404}
    assert asked == []


# Bombs: the answer comes before the bytes do, and the connection ends with it.
@pytest.mark.parametrize(
    "length", ["65537", "12582912", "99999999999999999999", "9" * 400, "18446744073709551617"]
)
def test_a_bomb_is_refused_by_what_it_says_of_itself(wire, length):
    heard, closed = wire.say(f"{POST}Content-Length: {length}\r\n\r\n" + "{")
    assert (answers(heard)[0] in {400, 413}, closed) == (True, True)


def test_a_bomb_in_chunks_is_refused_when_it_has_grown_too_large(wire):
    chunk = ("4000\r\n" + " " * 0x4000 + "\r\n").encode()
    head = f"{POST}Transfer-Encoding: chunked\r\n\r\n".encode()
    sent = 0
    with closing(wire.connect()) as opened:
        opened.sendall(head)
        with suppress(OSError):
            for _ in range(4096):  # 64 MiB
                opened.sendall(chunk)
                sent += 1
        heard, closed = hear(opened)
    assert closed
    assert sent < 4096, "nobody took it all"
    assert answers(heard) in ([413], [])  # cut before the answer was read: also refused


def test_a_body_to_a_place_that_is_none_is_not_read_to_its_end(wire):
    heard, closed = wire.say(f"POST /nowhere HTTP/1.1\r\n{HEAD}Content-Length: 60000\r\n\r\n" + "x")
    assert (answers(heard), closed) == ([404], True)


def test_headers_have_a_limit_and_so_have_their_lines(wire):
    long = "".join(f"X-{number}: {'y' * 100}\r\n" for number in range(300))
    for text in (f"{GET}{long}\r\n", f"{GET}X: {'y' * 40000}\r\n\r\n", f"GET /{'a' * 40000} "):
        heard, closed = wire.say(text)
        assert closed
        assert answers(heard) in ([400], [431], [])
    assert wire.seen == []


def test_a_body_that_stops_is_not_waited_for_any_longer_than_said(wire, monkeypatch):
    monkeypatch.setattr("api.guard.BODY_TIME_S", 0.2)
    heard, closed = wire.say(f"{POST}Content-Length: 40\r\n\r\n" + '{"account"')
    assert (answers(heard), closed) == ([408], True)


# Lines for the log: what somebody sends is not in it at all.
TYPED = json.dumps({"account": f"{PLANTED}\r\n\x1b[2J", "password": "x"})
EVIL = f"{PLANTED}\x1b[2J\x1b]0;title\x07"


@pytest.mark.parametrize(
    "text",
    [
        f"GET /{PLANTED}%0d%0a2026-11-22T00:00:00Z%20forged HTTP/1.1\r\n{HEAD}\r\n",
        f"GET /%1b[2J{PLANTED} HTTP/1.1\r\n{HEAD}\r\n",
        f"{GET}User-Agent: {EVIL}\r\n\r\n",
        f"{GET}User-Agent: {PLANTED}\r\n forged line\r\n\r\n",
        f"{GET}X-{PLANTED}\x1b: y\r\n\r\n",
        f"{PLANTED} / HTTP/1.1\r\n{HEAD}\r\n",
        f"{GET}Cookie: __Host-ds={PLANTED}%0d%0aSet-Cookie: a=b\r\n\r\n",
        f"{GET}Referer: https://{PLANTED}/\r\n\r\n",
        f"{GET}Idempotency-Key: {PLANTED}\r\n\r\n",
        f"{GET}Accept-Language: {PLANTED}\r\n\r\n",
        f"{GET}X-Forwarded-For: {PLANTED}\r\n\r\n",
        f"GET {API}/me?{PLANTED}=%0a HTTP/1.1\r\n{HEAD}\r\n",
        POST + f"Content-Length: {len(TYPED)}\r\n\r\n{TYPED}",
        f"{GET}Connection: Upgrade\r\nUpgrade: {PLANTED}\r\n\r\n",
    ],
)
def test_what_somebody_sends_stands_in_no_log_and_in_no_answer(wire, text):
    heard, _ = wire.say(text)
    assert heard, "it is answered"
    assert PLANTED not in wire.lines.text
    assert "\x1b" not in wire.lines.text
    assert PLANTED.encode() not in heard
    assert b"\x1b" not in heard
    entries = wire.office.bureau.house.entries()
    assert all(PLANTED not in str(each.body) for each in entries)


def test_a_fault_of_ours_that_says_what_was_sent_makes_no_line_of_its_own(wire, monkeypatch):
    def broken(_self):
        raise RuntimeError(f"{EVIL}\r\n2026-11-22T00:00:00Z INFO forged\n  also")

    monkeypatch.setattr(type(wire.office.site), "entrance", broken)
    heard, _ = wire.say(f"{GET}\r\n")
    assert answers(heard) == [500]
    assert PLANTED.encode() not in heard
    first, *rest = wire.lines.text.rstrip("\n").split("\n")
    assert first.startswith("ERROR Exception in ASGI application")
    assert PLANTED in wire.lines.text, "the fault itself is told, to who runs the box"
    assert all(line.startswith("  ") for line in rest)
    assert "\x1b" not in wire.lines.text
    assert "\r" not in wire.lines.text
