"""People in a real browser: enrol, sign in with a key, ask, decide by signature, fetch.

The authenticator is Chromium's virtual one, which does not look at certificates: that a wrong one
is refused, this cannot show.
"""

import re
import shutil
from datetime import timedelta

import pytest
from playwright.sync_api import sync_playwright

from tests.fakes.desk import FILES, person
from tests.web.server import Bureaucracy, Served, free_port

NEEDS = ("chromium",)
PHRASE = "three words and a comma"
CODE = re.compile(r"code\s+([0-9A-Z-]{23})")
DEVICE = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def served(tmp_path):
    served = Served(tmp_path, free_port())
    yield served
    served.stop()


class Person:
    """Somebody at their own PC with a security key of their own."""

    def __init__(self, browser, served):
        self.served, self.complaints = served, []
        self.context = browser.new_context(viewport={"width": 390, "height": 844})
        self.page = self.context.new_page()
        self.page.on("console", self._hear)
        self.page.on("request", self._left)
        device = self.context.new_cdp_session(self.page)
        device.send("WebAuthn.enable", {"enableUI": False})
        device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})

    def _hear(self, message):
        if "Content Security Policy" in message.text or "TrustedHTML" in message.text:
            self.complaints.append(message.text)

    def _left(self, request):
        if not request.url.startswith((self.served.login, self.served.sign, "data:", "about:")):
            self.complaints.append(request.url)

    def go(self, path):
        self.page.goto(self.served.login + path)
        assert self.page.evaluate("document.documentElement.scrollWidth") <= 390

    def press(self, name):
        self.page.locator(f"main button{name}").click()

    def enrol(self, code):
        self.go("/enrol")
        self.page.fill("[name=code]", code)
        self.page.fill("[name=password]", PHRASE)
        self.press("")
        self.page.wait_for_url("**/keys")
        return re.search(r"p:[0-9a-f]{32}", self.page.inner_text("main"))[0]

    def witness(self, person):
        self.go("/keys")
        self.page.fill("[name=person]", person)
        self.page.locator("form[action='/witness'] button").click()
        return self.page.inner_text("#word").strip()

    def add_key(self, use, word):
        self.go("/keys")
        self.page.select_option("[name=use]", use)
        self.page.fill("[name=witness]", word)
        self.page.locator("form[action='/keys'] button").click()
        self.page.click("a#enrol")
        self.page.bring_to_front()  # keys answer only to a page that is looked at
        self.page.click("button#enrol")
        self.page.wait_for_selector("#told:not(:empty)", timeout=10_000)
        told = self.page.inner_text("#told")
        assert re.search(r"\d+$", told), told
        return told

    def sign_in(self, account, *, key):
        self.go("/sign-in")
        self.page.fill("[name=account]", account)
        self.page.fill("[name=password]", PHRASE)
        self.press("")
        if key:
            self.page.click("#enter")
        self.page.wait_for_url(self.served.login + "/")


def codes(text):
    return CODE.findall(text)


def set_up(served):
    hosts = ["--login-host", f"dock.localhost:{served.port}"]
    hosts += ["--sign-host", f"sign.localhost:{served.port}"]
    people = ["--admin", "admin,000001", "--admin", "second,000002", "--auditor", "auditor,000003"]
    return codes(served.run("setup", "--organisation", "Bureau", *hosts, *people).stdout)


def test_two_people_enrol_keys_for_each_other_and_sign_in_with_them(browser, served):
    first_code, second_code, _ = set_up(served)
    served.start()
    first, second = Person(browser, served), Person(browser, served)
    first_id = first.enrol(first_code)
    second.enrol(second_code)
    first.add_key("login", second.witness(first_id))
    first.add_key("sign", second.witness(first_id))
    first.page.goto(served.login + "/")
    first.page.locator("header form[action='/sign-out'] button").click()
    first.sign_in("000001", key=True)
    assert first.complaints == second.complaints == []


@pytest.fixture
def bureau(tmp_path):
    bureau = Bureaucracy(tmp_path, free_port())
    bureau.start()
    yield bureau
    bureau.stop()


def test_asked_signed_on_the_other_host_fetched_and_seen(browser, bureau):
    names = ("supervisor", "head", "admin", "inspector", "officer")
    asker, head, admin, auditor, officer = (Person(browser, bureau) for _ in names)
    for who, name in zip((asker, head, admin, auditor, officer), names, strict=True):
        who.sign_in(name, key=False)
    head.add_key("sign", admin.witness(person("head")))
    ask(asker, bureau)
    digest = approve(head)
    assert re.fullmatch(r"[0-9a-f]{8}", digest)
    asker.go("/grants")
    with asker.page.expect_download() as download:
        asker.page.locator("form[action$='/copies'] button").click()
    (name,) = [each for each in FILES if each.endswith("F1.MP4")]
    assert download.value.path().read_bytes() == FILES[name]
    officer.go("/looks")
    assert "supervisor" in officer.page.inner_text("main")
    auditor.go("/log")
    assert auditor.page.locator("main li").count() > 4
    for who in (asker, head, admin, auditor, officer):
        assert who.complaints == []


def ask(asker, bureau):
    asker.go("/ask")
    asker.page.fill("[name=segments]", bureau.segments[0])
    asker.page.fill("[name=case_number]", "case 1")
    asker.page.fill("[name=reason]", "to see what happened")
    day = (bureau.bureau.now + timedelta(days=7)).date().isoformat()
    asker.page.fill("[name=until]", day)
    asker.page.click("button[value=plan]")
    assert "head" in asker.page.inner_text("dl")
    asker.page.click("button[value=send]")
    asker.page.wait_for_url("**/requests")


def approve(head):
    """Approve the one question, signed on the signing host; return the digest that it showed."""
    head.go("/")
    head.page.locator("main li a").click()
    head.page.fill("[name=reason]", "it is needed")
    head.page.click("button[value=approve]")
    before = head.page.inner_text(".digest")
    head.page.click("a#sign")
    head.page.wait_for_selector("#sign:not([disabled])")
    assert head.page.inner_text("#digest") == before
    head.page.bring_to_front()
    head.page.click("#sign")
    head.page.wait_for_selector("#told:not(:empty)", timeout=10_000)
    told = head.page.inner_text("#told")
    assert re.search(r"[0-9]+$", told), told
    return before
