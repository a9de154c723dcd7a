"""One thread for a whole docking: films of a few bytes gain nothing by six of them.

How the threads of a docking work together, ``tests/unit/ingest`` and ``tests/faults`` know.
"""

from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

import ingest.pipeline
from evidence.digest import Lane


class AtOnce:
    """As much of an executor as a docking needs: it does at once what it is given."""

    def __init__(self, *_args, **_more):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        pass

    def submit(self, do, *args):
        future = Future()
        try:
            future.set_result(do(*args))
        except Exception as error:  # noqa: BLE001 - told as an executor tells it
            future.set_exception(error)
        return future


@contextmanager
def one_thread():
    """Let dockings be done by one thread while this lasts."""
    lane = {
        "__enter__": lambda lane: lane,
        "__exit__": lambda _lane, *_error: None,
        "update": lambda lane, piece: lane._update(piece),
        "wait": lambda _lane: None,
    }
    with ExitStack() as stack:
        stack.enter_context(patch.object(ingest.pipeline, "ThreadPoolExecutor", AtOnce))
        for name, does in lane.items():
            stack.enter_context(patch.object(Lane, name, does))
        yield
