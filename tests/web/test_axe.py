"""Every page in both languages on a small phone: axe finds nothing, nothing is too wide or small.

axe finds perhaps half of what keeps people out; the other half is in test_work_pages.py.
"""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi.routing import iter_route_contexts

from api.app import create_app
from tests.api.browser import an_office
from tests.fakes.desk import EAST
from tests.web.people import at_a_phone, busy_bureau, chromium_of_debian

NEEDS = ("chromium",)
LANGUAGES = ("zh-CN", "en")
NAMES = ("officer", "supervisor", "head", "inspector", "admin")
NO_PAGES = ("/api/", "/ledger/", "/s/")
ON_SIGNING_HOST = ("/sign", "/sign/key")
SCREEN = 320  # px: WCAG 1.4.10, also a screen of 1280 at 400 %
UNMEANT = re.compile(r" at 0x|\bNone\b|\bundefined\b|\{[{%]|<[a-z]")  # of a template gone wrong
TARGET = 24  # px: WCAG 2.2, 2.5.8


@pytest.fixture(scope="module")
def browser():
    with chromium_of_debian() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def bureau(tmp_path_factory):
    with busy_bureau(tmp_path_factory.mktemp("bureau")) as served:
        yield served


@pytest.fixture(scope="module")
def people(browser, bureau):
    """One phone for each of the people, and one for a stranger."""
    phones = {name: at_a_phone(browser, bureau, name) for name in NAMES}
    phones[None] = at_a_phone(browser, bureau)
    for page in phones.values():
        page.set_viewport_size({"width": SCREEN, "height": 640})
    yield phones
    for page in phones.values():
        page.context.close()


def page_routes():
    found = [
        each.path
        for each in iter_route_contexts(create_app(an_office().site).routes)
        if "GET" in (each.methods or ()) and not each.path.startswith(NO_PAGES)
    ]
    return sorted(set(found) | {"/label?segment={segment}", "/nothing/here"})


def filled(path, bureau):
    """Return the address of a page; a part that is not known here fails, and wants a row."""
    ids = {
        "segment": bureau.segments[0],
        "question": bureau.question,
        "request": bureau.question,
        "seams": bureau.seams,
        "seam": 0,
        "hold": bureau.hold,
        "disposal": bureau.disposal,
        "unit": EAST,
        "week": "2026-W46",
        "person": "p:" + "0" * 32,
    }
    if path == "/disposed/{segment}":
        ids["segment"] = bureau.gone
    host = bureau.sign if path in ON_SIGNING_HOST else bureau.login
    return host + path.format(**ids)


def in_language(url, language):
    return f"{url}{'&' if '?' in url else '?'}lang={language}"


def faults(page):
    found = Axe().run(page).response["violations"]
    return [(each["id"], [node["html"][:160] for node in each["nodes"]]) for each in found]


def check(page):
    assert faults(page) == []
    assert not UNMEANT.search(page.inner_text("body"))
    assert page.evaluate("document.documentElement.scrollWidth") <= SCREEN
    small = page.evaluate(
        """least => [...document.querySelectorAll("button, input, select, textarea")]
            .filter(each => each.type !== "hidden" && each.offsetHeight)
            .map(each => (each.closest("label") ?? each).getBoundingClientRect())
            .filter(each => each.height < least || each.width < least).length""",
        TARGET,
    )
    assert small == 0, "too small for a finger"


def opened(people, url):
    """Return the page of the first of the people who may see it."""
    stranger = people[None]
    if stranger.goto(url).ok and stranger.url == url:
        return stranger
    return next((people[name] for name in NAMES if people[name].goto(url).ok), stranger)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", page_routes())
def test_axe_finds_nothing_on_any_page(people, bureau, path, language):
    page = opened(people, in_language(filled(path, bureau), language))
    # A page that only leads on to another one does not say in which language.
    assert page.get_attribute("html", "lang") == language or "lang=" not in page.url
    check(page)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("officer", ("/label?segment={segment}", "form[action^='/label'] button")),
        ("officer", ("/gaps/{seams}/1", "form[action$=explanation] button")),
        ("supervisor", ("/gaps/{seams}/0", "button[value=returned]")),
        ("officer", ("/password", "form[action='/password'] button")),
        ("inspector", ("/why", "main form button")),
        ("supervisor", ("/holds/new?segment={segment}", "main form button")),
        (None, ("/sign-in", "main form button")),
    ],
)
def test_axe_finds_nothing_where_a_form_was_not_right(people, bureau, name, form, language):
    path, button = form
    page = people[name]
    page.goto(in_language(filled(path, bureau), language))
    page.evaluate("document.querySelectorAll('form').forEach(each => { each.noValidate = true; })")
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    for field in page.locator("main form input[type=text], main form textarea").all():
        field.fill("")
    if page.locator("#what").count():
        page.select_option("#what", "")
    if page.locator("#subject").count():
        page.fill("#subject", "nothing that there is")
    page.locator(button).first.click()
    page.wait_for_selector("[role=alert]")
    check(page)


def test_axe_finds_what_is_planted(people, bureau):
    """A checker that cannot fail would let everything pass."""
    page = people[None]
    page.goto(bureau.login + "/sign-in")
    page.evaluate("""() => {
        document.documentElement.removeAttribute("lang");
        document.querySelector("label").replaceWith(document.createElement("input"));
        document.querySelector("main p a").style.color = "#ddd";
    }""")
    assert {"html-has-lang", "label", "color-contrast"} <= {fault for fault, _ in faults(page)}
