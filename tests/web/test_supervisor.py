"""A supervisor and a head in a real browser, on a phone's width: found, asked, decided, fetched."""

import re
import time
from datetime import timedelta

from playwright.sync_api import expect

from tests.fakes.desk import FILES, person
from tests.fakes.grants import granted
from tests.web.test_browser import Person, browser, bureau, served, set_up

NEEDS = ("chromium",)
__all__ = ["browser", "bureau", "served"]  # fixtures
FIRST = next(iter(FILES.values()))
SLICE = 1 << 20  # bytes: what cannot be parsed is cut every MiB


def day(bureau, days):
    return (bureau.bureau.now + timedelta(days=days)).date().isoformat()


def ask_for_two(asker, bureau, first, second):
    """Find, tick two and ask for them, by keyboard alone from the search on."""
    asker.go("/find")
    page = asker.page
    page.fill("[name=officer]", "officer")
    page.press("[name=officer]", "Enter")
    page.wait_for_selector("#found")
    assert page.locator("img, video").count() == 0
    for segment in (first, second):
        box = page.locator(f"input[value='{segment}']")
        box.focus()
        page.keyboard.press("Space")
        expect(box).to_be_checked()
    page.locator("#ask").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/ask/new")
    page.select_option("[name=act]", "copy")
    page.fill("[name=case_number]", "case 1")
    page.fill("[name=reason]", "to see what happened")
    page.fill("[name=until]", day(bureau, 7))
    page.fill("[name=times]", "2")
    page.click("button[value=plan]")
    assert "head" in page.inner_text("#plan + dl")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.click("button[value=send]")
    page.wait_for_url("**/requests")


def written(bureau, kind):
    """Return the one entry of a kind, which may be written after the last byte has arrived."""
    until = time.monotonic() + 10
    while not (found := bureau.bureau.house.entries(kind)) and time.monotonic() < until:
        time.sleep(0.05)
    (entry,) = found
    return entry


def decide_together(head, kept):
    """Answer both questions by one signature, narrowed to the first part of one segment."""
    head.go("/")
    page = head.page
    assert page.locator("[name=q]").count() == 2
    page.locator("main fieldset button").click()
    page.wait_for_url("**/decide/**")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.fill("[name=reason]", "it is needed")
    for part in page.locator(".slices").all():
        if kept[2:14] in part.inner_text():
            part.locator("[name=first]").fill("0")
            part.locator("[name=last]").fill("0")
        else:
            part.locator("[name=keep]").uncheck()
    page.click("button[value=approve]")
    before = page.inner_text(".digest")
    page.click("a#sign")
    page.wait_for_selector("#sign:not([disabled])")
    assert page.inner_text("#digest") == before
    assert page.inner_text("#count") == "2"
    assert page.inner_text("#spans") == f"{kept} 0–0"
    page.bring_to_front()
    page.click("#sign")
    page.wait_for_selector("#told:not(:empty)", timeout=10_000)
    assert re.search(r"[0-9]+$", page.inner_text("#told"))


def test_found_asked_for_and_two_questions_decided_in_one_signature_narrowed_to_one_segment(
    browser, bureau
):
    names = ("supervisor", "head", "admin")
    asker, head, admin = (Person(browser, bureau) for _ in names)
    for who, name in zip((asker, head, admin), names, strict=True):
        who.sign_in(name, key=False)
    head.add_key("sign", admin.witness(person("head")))
    one, two, three = bureau.segments
    ask_for_two(asker, bureau, one, two)
    ask_for_two(asker, bureau, one, three)
    decide_together(head, one)
    (decision,) = bureau.bureau.house.entries("request.decided")
    assert decision.body["spans"] == [{"segment": one, "first": 0, "last": 0}]
    assert decision.body["signature"]["fmt"] == "webauthn/1"
    assert len(decision.body["requests"]) == 2
    asker.go("/grants")
    copies = asker.page.locator("form[action$='/copies'] button")
    assert copies.count() == 2
    with asker.page.expect_download() as download:
        copies.first.click()
    assert download.value.path().read_bytes() == FIRST[:SLICE]
    closed = written(bureau, "copy.closed")
    assert (closed.body["how"], closed.body["bytes"]) == ("complete", SLICE)
    for who in (asker, head, admin):
        assert who.complaints == []


def test_a_head_reads_and_refuses_on_a_phone(browser, bureau):
    asker, head = Person(browser, bureau), Person(browser, bureau)
    asker.sign_in("supervisor", key=False)
    head.sign_in("head", key=False)
    ask_for_two(asker, bureau, *bureau.segments[:2])
    head.go("/")
    head.page.locator("main li a").click()
    assert "to see what happened" in head.page.inner_text("main")
    head.page.fill("[name=reason]", "ask for less")
    head.page.locator("button[value=refuse]").scroll_into_view_if_needed()
    head.page.click("button[value=refuse]")
    head.page.wait_for_url(bureau.login + "/")
    (entry,) = bureau.bureau.house.entries("request.decided")
    assert (entry.body["answer"], entry.actor) == ("refuse", person("head"))
    asker.go("/requests")
    asker.page.locator("main li a").click()
    assert "ask for less" in asker.page.inner_text("main")
    assert asker.complaints == head.complaints == []


def test_the_real_process_searches_what_was_docked_before_it_started_and_since(browser, served):
    card = served.folder / "card" / "DCIM"
    card.mkdir(parents=True)
    (card / "one.mp4").write_bytes(FIRST)
    served.run("dock", str(card.parent))
    _, _, code = set_up(served)
    served.start()
    auditor = Person(browser, served)
    auditor.enrol(code)
    auditor.go("/find")
    auditor.page.click("#search")
    expect(auditor.page.locator(".found li")).to_have_count(1)
    (card / "one.mp4").unlink()
    (card / "two.mp4").write_bytes(FIRST[:SLICE])
    served.run("dock", str(card.parent))
    auditor.page.click("#search")
    expect(auditor.page.locator(".found li")).to_have_count(2)
    auditor.page.locator(".found a").first.click()
    auditor.page.wait_for_url("**/find/s:*")
    proof = auditor.page.get_attribute("a[href$='/proof']", "href")
    text = auditor.page.evaluate("async path => (await fetch(path)).text()", proof)
    assert text.startswith("c2sp.org/tlog-proof@v1")
    for path in ("/due", "/blocked", "/holds", "/disposals", "/weeks", "/alarms"):
        assert auditor.page.goto(served.login + path).ok, path
    assert auditor.complaints == []


def test_a_grant_is_given_back_in_the_browser(browser, bureau):
    grant = granted(bureau.bureau, bureau.segments[0])
    asker = Person(browser, bureau)
    asker.sign_in("supervisor", key=False)
    asker.go("/grants")
    asker.page.locator("main summary").click()
    asker.page.fill("[name=reason]", "not needed")
    asker.page.locator("form[action$='/withdrawal'] button").click()
    asker.page.wait_for_url("**/grants")
    (entry,) = bureau.bureau.house.entries("grant.withdrawn")
    assert entry.body["grant"] == grant.id
    assert asker.page.locator("form[action$='/copies']").count() == 0
