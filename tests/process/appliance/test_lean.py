"""Memory that only the start needed goes back, and the process works on as before."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent.parent
SCRIPT = """
import json, sys, zlib, sqlite3, ssl, numpy, cryptography.hazmat.primitives.asymmetric.ed25519 as ed
from appliance.lean import let_go_of_start

def file_bytes():
    fields = open("/proc/self/statm").read().split()
    return int(fields[2])

key = ed.Ed25519PrivateKey.generate()
before = file_bytes()
let_go_of_start()
after = file_bytes()
key.public_key().verify(key.sign(b"x"), b"x")
assert numpy.arange(10).sum() == 45
assert zlib.decompress(zlib.compress(b"y")) == b"y"
assert sqlite3.connect(":memory:").execute("select 1").fetchone() == (1,)
print(json.dumps([before, after, file_bytes()]))
"""


def test_what_was_let_go_comes_back_as_it_was():
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    before, after, again = map(int, done.stdout.decode().strip("[]\n").split(","))
    assert after < before // 2
    assert after < again < before


HEAPS = """
import ctypes, threading
from appliance.lean import keep_one_heap

{call}
library, barrier = ctypes.CDLL(None), threading.Barrier(4)

def work():
    kept = [bytes(100_000) for _ in range(20)]
    barrier.wait()

threads = [threading.Thread(target=work) for _ in range(4)]
[each.start() for each in threads]
[each.join() for each in threads]
library.malloc_info(0, ctypes.c_void_p.in_dll(library, "stdout"))
library.fflush(None)
"""


def test_threads_share_one_heap_where_a_process_asks_for_it():
    assert heaps("keep_one_heap()") == 1
    assert heaps("") > 1, "else this test could not fail"


def heaps(call):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", HEAPS.format(call=call)], env=environment, capture_output=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.count(b"<heap nr=")
