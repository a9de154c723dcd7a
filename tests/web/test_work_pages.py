"""Officer and supervisor in a real browser: by a link from outside, by keyboard, without script."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.fakes.desk import person
from tests.web.people import at_a_phone, busy_bureau, chromium_of_debian, sign_in

NEEDS = ("chromium",)
CASE = {"cause": "占道经营", "party": "张某"}
KEYS_LIMIT = 200  # until something is reached by keyboard


@pytest.fixture(scope="module")
def browser():
    with chromium_of_debian() as chromium:
        yield chromium


@pytest.fixture
def bureau(tmp_path):
    with busy_bureau(tmp_path) as served:
        yield served


@pytest.fixture
def mail(bureau):
    """The office mail on another site, with a link to every page that it is asked for."""

    class Mail(BaseHTTPRequestHandler):
        def do_GET(self):
            body = f'<!doctype html><a id="link" href="{bureau.login}{self.path}">go</a>'.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Mail)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://mail.localhost:{server.server_port}"
    server.shutdown()
    thread.join(10)
    server.server_close()


def heard(page, served):
    """Collect what the browser sends to our own pages: path, and whether the cookie came too."""
    sent = []

    def hear(request):
        if request.url.startswith(served.login) and request.is_navigation_request():
            cookie = request.all_headers().get("cookie", "")
            sent.append((request.url.removeprefix(served.login), "__Host-ds" in cookie))

    page.on("requestfinished", hear)
    return sent


@pytest.mark.parametrize("wanted", ["/gaps", "/label?segment={segment}", "/requests/{question}"])
def test_a_link_in_a_mail_leads_who_is_signed_in_to_the_page(browser, bureau, mail, wanted):
    wanted = wanted.format(segment=bureau.segments[0], question=bureau.question)
    name = "supervisor" if "requests" in wanted else "officer"
    page = at_a_phone(browser, bureau, name)
    page.goto(mail + wanted)
    sent = heard(page, bureau)
    page.click("#link")
    page.wait_for_selector("nav")
    assert page.url == bureau.login + wanted
    assert name in page.inner_text("header")
    page.wait_for_load_state("networkidle")
    assert sent == [(wanted, False), (wanted, True)], "the browser kept the cookie back once"


def test_a_link_on_the_signing_host_leads_to_the_page(browser, bureau):
    page = at_a_phone(browser, bureau, "head")
    page.goto(bureau.sign + "/sign")
    sent = heard(page, bureau)
    page.evaluate("""url => {
        const link = document.createElement("a");
        link.href = url;
        document.body.append(link);
        link.click();
    }""", bureau.login + "/requests")  # fmt: skip
    page.wait_for_selector("nav")
    assert page.url == bureau.login + "/requests"
    page.wait_for_load_state("networkidle")
    assert sent == [("/requests", False), ("/requests", True)]


def test_a_link_in_a_mail_leads_a_stranger_through_the_entrance_to_the_page(browser, bureau, mail):
    page = at_a_phone(browser, bureau)
    page.goto(mail + "/gaps?all=true")
    page.click("#link")
    page.wait_for_url("**/sign-in?next=*")
    page.fill("[name=account]", "officer")
    page.fill("[name=password]", "three words and a comma")
    page.locator("main button").click()
    page.wait_for_url(bureau.login + "/gaps?all=true")


@pytest.fixture
def plain(browser, bureau):
    """Officer and supervisor whose browsers run no script."""
    pages = [browser.new_context(java_script_enabled=False).new_page() for _ in range(2)]
    for page, name in zip(pages, ("officer", "supervisor"), strict=True):
        sign_in(page, bureau, name)
    return pages


def test_a_label_is_given_without_a_script(bureau, plain):
    officer, _ = plain
    _, second, _ = bureau.segments
    officer.goto(f"{bureau.login}/label?segment={second}")
    officer.fill("#cause", CASE["cause"])
    officer.fill("#officers", "nobody is called so")
    officer.click("form[action^='/label'] button")
    assert officer.locator("#officers-wrong").count() == 1
    assert officer.input_value("#cause") == CASE["cause"], "what was typed is still there"
    officer.fill("#officers", "officer")
    officer.select_option("#what", "check")
    officer.fill("#party", CASE["party"])
    officer.click("form[action^='/label'] button")
    officer.wait_for_url("**/unlabelled?*")
    assert officer.locator(f"input[value='{second}']").count() == 0


def test_an_interruption_is_explained_given_back_and_accepted_without_a_script(bureau, plain):
    officer, supervisor = plain
    gap = f"{bureau.login}/gaps/{bureau.seams}/0"
    supervisor.goto(bureau.login + "/gaps")
    supervisor.locator("main li a").first.click()
    assert supervisor.url == gap, "what waits for an answer comes first"
    supervisor.fill("#answer", "which one?")
    supervisor.click("button[value=returned]")
    officer.goto(gap)
    assert "which one?" in officer.inner_text("main")
    officer.check("input[value=battery]")
    officer.fill("#words", "the second one")
    officer.click("form[action$=explanation] button")
    supervisor.goto(gap)
    supervisor.click("button[value=accepted]")
    answers = bureau.bureau.house.entries("gap.answered")
    assert [each.body["answer"] for each in answers] == ["returned", "accepted"]
    assert len(bureau.bureau.house.entries("gap.explained")) == 2


def reach(page, selector, keys="Tab"):
    """Go on by keyboard until ``selector`` has the focus; every stop on the way can be seen."""
    for _ in range(KEYS_LIMIT):
        page.keyboard.press(keys)
        at = page.evaluate(
            """selector => {
                const here = document.activeElement, style = getComputedStyle(here);
                return [here.matches(selector), style.outlineStyle, style.outlineWidth];
            }""",
            selector,
        )
        assert at[1] != "none" and at[2] != "0px", "nobody sees where the focus is"  # noqa: PT018
        if at[0]:
            return
    raise AssertionError(f"{selector} is not reached by keyboard")


def test_the_whole_queue_is_labelled_by_keyboard_alone(browser, bureau):
    page = at_a_phone(browser, bureau, "officer")
    _, second, third = bureau.segments
    page.goto(bureau.login + "/unlabelled")
    reach(page, f"input[value='{second}']")
    page.keyboard.press("Space")
    reach(page, "form[action='/label'] > button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#what")
    assert page.input_value("#officers") == "officer"
    reach(page, "#what")
    page.keyboard.press("ArrowDown")
    for field, text in CASE.items():
        reach(page, f"#{field}")
        page.keyboard.insert_text(text)
    page.keyboard.press("Enter")
    page.wait_for_url("**/unlabelled?*")
    reach(page, f"input[value='{third}']")
    page.keyboard.press("Space")
    reach(page, "button[name=like]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#what")
    assert page.input_value("#party") == CASE["party"]
    reach(page, "form[action^='/label?'] button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/unlabelled?*")
    left = page.locator("input[name=segment]").evaluate_all("boxes => boxes.map(b => b.value)")
    assert sorted(left) == sorted(bureau.unlabelled)


def test_a_supervisor_chooses_an_officer_and_sees_their_list(browser, bureau):
    page = at_a_phone(browser, bureau, "supervisor")
    page.goto(bureau.login + "/unlabelled")
    page.select_option("#person", person("officer"))
    page.locator("form.choose button").click()
    page.wait_for_url(re.compile("person="))
    more = len(bureau.unlabelled)
    assert page.locator("input[name=segment]").count() == 2 + more
    page.goto(bureau.login + "/unlabelled?all=true&person=" + person("officer"))
    assert page.locator("input[name=segment]").count() == 3 + more


def test_the_strip_shows_film_and_hole(browser, bureau):
    page = at_a_phone(browser, bureau, "officer")
    page.goto(f"{bureau.login}/gaps/{bureau.seams}/0")
    colours = page.evaluate("""() => [...document.querySelectorAll("svg.strip rect")].map(each =>
        [getComputedStyle(each).fill, each.getBoundingClientRect().width > 5])""")
    assert [seen for _, seen in colours] == [True, True, True]
    assert colours[0] == colours[2] != colours[1], "the hole has another colour"
