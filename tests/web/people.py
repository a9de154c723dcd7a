"""Somebody at a browser, and a bureau with something on every page."""

import shutil
from contextlib import contextmanager
from datetime import timedelta

from playwright.sync_api import sync_playwright

from custody.disposals import list_root
from custody.gaps import Explanation, explain, gap
from custody.holds import propose_release
from custody.outside import attest_day
from custody.plans import Wanted
from custody.requests import ask
from evidence.asking import Span
from evidence.codec import format_time
from evidence.keeping import KEEPING
from tests.fakes.grants import granted
from tests.fakes.shelf import adopt, hold, of_segments
from tests.web.server import Bureaucracy, free_port

PHRASE = "three words and a comma"
DOCKING = "d:" + f"{1:032x}"
PHONE = {"width": 390, "height": 844}


@contextmanager
def chromium_of_debian():
    with sync_playwright() as playwright:
        path = shutil.which("chromium")
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@contextmanager
def busy_bureau(folder):
    """The small bureau, served, with labels, interruptions, questions, grants and looks."""
    bureau = Bureaucracy(folder, free_port())
    fill(bureau)
    bureau.start()
    yield bureau
    bureau.stop()
    bureau.bureau.house.close()


def fill(served):
    bureau, (first, second, third) = served.bureau, served.segments
    bureau.label(first, ["officer", "mate"], case="case 1", item="check")
    seams = [
        {"before": first, "after": second, "kind": "gap", "ms": 62_000},
        {"before": second, "after": third, "kind": "hole", "ms": 2},
        {"before": third, "after": None, "kind": "truncated", "ms": None},
    ]
    rows = [{**each, "lines": [0, None], "because": None} for each in seams]
    body = {"act": "seams", "part": 0, "parts": 1, "seams": rows}
    about = (DOCKING, first, second, third)
    served.seams = bureau.write("seams.judged", about, body, by="sys:ingest")
    why = Explanation("battery", "it was empty")
    explain(bureau.desk, bureau.actor("officer"), gap(bureau.ledger, served.seams, 0), why)
    granted(bureau, first)
    keep(served)
    until = bureau.now.replace(microsecond=0)
    wanted = Wanted(
        "copy", (Span(second),), "case", until.replace(day=until.day + 5), "why", 1, "c"
    )
    served.question = ask(bureau.desk, bureau.actor("supervisor"), wanted).id


def keep(served):
    """A pack that holds, a hold whose release somebody proposes, a mark that waits."""
    bureau, (first, second, _) = served.bureau, served.segments
    adopt(bureau)
    served.hold = hold(bureau, of_segments(first), words="because of a complaint").id
    ending = hold(bureau, of_segments(second)).id
    propose_release(bureau.desk, bureau.actor("head"), ending, "placed_in_error", "2026-9")
    bureau.take()
    marked = bureau.seal("marked", important=True)
    for about, code in ((first, "slice_differs"), (KEEPING, "space_short")):
        bureau.write("alarm.raised", (about,), {"alarm": code, "facts": {}}, by="sys:audit")
    going = bureau.seal("going")
    dispose(served, going, bureau.seal("gone"))
    served.unlabelled = (marked, going)  # what is gone asks for no label


def dispose(served, going, gone):
    """A disposal whose warning is over, and the tombstone of one of its two segments."""
    bureau, served.disposal, served.gone = served.bureau, "x:" + "8" * 32, gone
    at = format_time(bureau.now - timedelta(days=9))
    body = {"disposal": served.disposal, "act": "x", "part": 0, "parts": 1, "count": 2, "bytes": 9}
    body |= {"root": list_root((going, gone)), "law": ["17"], "policies": [], "now": at}
    body |= {"warning_until": at, "source": "attested"}
    about = (served.disposal, KEEPING, going, gone)
    said = {"reason": "their time is over"}
    bureau.write("disposal.proposed", about, body, said, of=served.disposal, by="supervisor")
    grounds = [{"what": "standard", "article": "17", "policy": None, "ends": at}]
    tomb = {"disposal": served.disposal, "sha256": gone[2:], "now": at, "source": "attested"}
    tomb |= {"grounds": grounds}
    bureau.write("segment.disposed", (gone, served.disposal), tomb, by="sys:keeper")
    for who in ("chief", "inspector"):
        attest_day(bureau.desk, bureau.actor(who), (bureau.now - timedelta(days=1)).date())


def at_a_phone(browser, served, name=None):
    """Return a page of somebody who is signed in, or of a stranger."""
    page = browser.new_context(viewport=PHONE).new_page()
    page.set_default_timeout(10_000)
    if name is not None:
        sign_in(page, served, name)
    return page


def sign_in(page, served, name):
    page.goto(served.login + "/sign-in")
    page.fill("[name=account]", name)
    page.fill("[name=password]", PHRASE)
    page.locator("main button").click()
    page.wait_for_url(served.login + "/")
