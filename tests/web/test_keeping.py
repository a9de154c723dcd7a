"""Keeping in a real browser, as wide as a phone: a hold with its paper, a signed disposal."""

import base64
import re

from tests.fakes.desk import person
from tests.fakes.shelf import adopt
from tests.web.people import dispose
from tests.web.test_browser import Person, browser, bureau

NEEDS = ("chromium",)
__all__ = ["browser", "bureau"]  # fixtures
PAPER = bytes(range(256)) * 300


def fill_in(page, segment):
    """Fill in a hold on a recording, from its page on; a paper that is too large is not taken."""
    page.locator("a[href^='/holds/new']").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/holds/new?segment={segment}")
    page.check("[name=reason][value=dispute]")
    page.fill("[name=reference]", "12345-88")
    page.wait_for_selector("#file", state="visible")  # the script listens from then on
    large = {"name": "large.pdf", "mimeType": "application/pdf", "buffer": b"x" * (257 << 10)}
    page.set_input_files("#file", large)
    page.wait_for_selector("#file-told.bad")
    paper = {"name": "complaint.pdf", "mimeType": "application/pdf", "buffer": PAPER}
    page.set_input_files("#file", paper)
    page.wait_for_function("document.getElementById('paper').value.length > 0")
    page.locator("#hold button").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/holds/h:*")


def end_by_two(head, second, path):
    head.go(path)
    head.page.check("[name=ground][value=placed_in_error]")
    head.page.fill("[name=reference]", "2026-9")
    head.page.locator("form[action$='/release'] button").click()
    head.page.wait_for_selector("form[action$='/refuse']")
    second.go(path)
    second.page.locator("form[action$='/release'] button").click()
    second.page.wait_for_selector("form[action$='/release']", state="detached")


def test_a_hold_is_placed_with_a_paper_by_keyboard_and_ended_by_two(browser, bureau):
    placer, head, watcher = (Person(browser, bureau) for _ in range(3))
    for who, name in ((placer, "supervisor"), (head, "head"), (watcher, "watcher")):
        who.sign_in(name, key=False)
    made, page = bureau.bureau, placer.page
    adopt(made)
    placer.go(f"/find/{bureau.segments[0]}")
    fill_in(page, bureau.segments[0])
    (placed,) = made.house.entries("hold.placed")
    told = made.ledger.statement(placed.seq).facts["attachment"]
    assert (told["name"], base64.b64decode(told["bytes"])) == ("complaint.pdf", PAPER)
    with page.expect_download() as download:
        page.locator("a[download]").click()
    assert download.value.path().read_bytes() == PAPER
    end_by_two(head, watcher, re.search(r"/holds/h:[0-9a-f]{32}", page.url)[0])
    (released,) = made.house.entries("hold.released")
    assert released.actor == person("watcher")
    assert placer.complaints == head.complaints == watcher.complaints == []


def test_a_disposal_is_signed_with_a_key_over_exactly_its_list(browser, bureau):
    head, admin = Person(browser, bureau), Person(browser, bureau)
    head.sign_in("head", key=False)
    admin.sign_in("admin", key=False)
    head.add_key("sign", admin.witness(person("head")))
    made = bureau.bureau
    adopt(made)
    made.take()
    dispose(bureau, made.seal("going"), made.seal("gone"))
    head.go("/disposals")
    page = head.page
    page.locator("main li a").click()
    page.fill("#approve", "checked")
    page.locator("form[action$='/approve'] button").click()
    before = page.inner_text(".digest")
    page.click("a#sign")
    page.wait_for_selector("#sign:not([disabled])")
    assert page.inner_text("#digest") == before
    (proposed,) = made.house.entries("disposal.proposed")
    assert (page.inner_text("#list"), page.inner_text("#root")) == ("2", proposed.body["root"])
    assert page.locator("#of-answer").is_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.bring_to_front()
    page.click("#sign")
    page.wait_for_selector("#told:not(:empty)", timeout=10_000)
    assert re.search(r"[0-9]+$", page.inner_text("#told")), page.inner_text("#told")
    (approved,) = made.house.entries("disposal.approved")
    assert (approved.actor, approved.body["root"]) == (person("head"), proposed.body["root"])
    assert approved.body["signature"]["fmt"] == "webauthn/1"
    assert head.complaints == []
