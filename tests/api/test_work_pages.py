"""An officer at work on pages: labels, interruptions, and what their supervisor does for them."""

import re
from html import unescape
from itertools import pairwise

import pytest

from api.gap_strip import WIDTH, strip
from custody.gaps import gap as gap_of
from custody.labels import labels_of
from evidence.people import ORGANISATION
from tests.api.browser import Office, an_office
from tests.fakes.desk import EAST, PEOPLE, WEST, docked, person
from tests.fakes.house import House

KEY = re.compile(r'name="key" value="([0-9A-Za-z_-]+)"')
DOCKING = "d:" + f"{1:032x}"
NOWHERE = "s:" + "0" * 64
CASE = {"what": "check", "cause": "占道经营", "party": "张某", "case_number": "2026-7"}
STRANGERS = sorted(PEOPLE.keys() - {"officer", "supervisor", "searcher"})


@pytest.fixture
def office():
    return an_office()


def judged(office):
    """Say that the recorder stopped by itself between the first two, and cut the last."""
    first, second, third = office.segments
    seams = [
        {"before": first, "after": second, "kind": "gap", "ms": 62_000},
        {"before": third, "after": None, "kind": "truncated", "ms": None},
    ]
    rows = [{**each, "lines": [0, None], "because": None} for each in seams]
    body = {"act": "seams", "part": 0, "parts": 1, "seams": rows}
    entry = office.bureau.write("seams.judged", (DOCKING, *office.segments), body, by="sys:ingest")
    return f"/gaps/{entry}/0"


def joined(office):
    """Say that the first two are one recording."""
    first, second, _ = office.segments
    row = {"before": first, "after": second, "kind": "contiguous", "ms": 0}
    body = {"act": "seams", "part": 0, "parts": 1, "seams": [row]}
    office.bureau.write("seams.judged", (DOCKING, *office.segments), body, by="sys:ingest")


def label_url(*segments, **more):
    asked = [f"segment={each}" for each in segments] + [f"{k}={v}" for k, v in more.items()]
    return "/label?" + "&".join(asked)


def typed(page):
    """Return what stands in the fields of a form."""
    fields = re.findall(r'<input id="(\w+)"[^>]*? value="([^"]*)"', page)
    chosen = re.findall(r'<option value="([^"]*)" selected', page)
    return {name: unescape(value) for name, value in fields} | {"chosen": chosen}


def wrong(page):
    """Return at which fields something is to be mended."""
    return set(re.findall(r'id="(\w+)-wrong"', page))


def send(client, url, **fields):
    page = client.get(url)
    assert page.status_code == 200, page.text
    key = KEY.search(page.text)[1]
    return client.post(url, data={"key": key, **fields})


def listed(client, path="/unlabelled"):
    return re.findall(r'name="segment" value="(s:[0-9a-f]{64})"', client.get(path).text)


def test_what_has_no_label_is_a_list_that_gets_shorter(office):
    client = office.enter("officer")
    assert sorted(listed(client)) == sorted(office.segments)
    done = send(client, label_url(*office.segments[:2]), officers="officer, mate", **CASE)
    assert (done.status_code, done.url.path) == (200, "/unlabelled")
    assert listed(client) == [office.segments[2]]
    assert sorted(listed(client, "/unlabelled?all=true")) == sorted(office.segments)
    entry = labels_of(office.bureau.ledger, office.segments[0])[0]
    facts = office.bureau.ledger.statement(entry.seq).facts
    assert facts["officers"] == [person("officer"), person("mate")]
    assert (entry.body["item"], entry.body["complete"], facts["party"]) == ("check", True, "张某")


def test_the_form_knows_the_officer_and_the_next_one_is_like_the_last(office):
    client = office.enter("officer")
    first, second, _ = office.segments
    assert typed(client.get(label_url(first)).text)["officers"] == "officer"
    done = send(client, label_url(first), officers="officer", **CASE)
    like = re.search(r'name="like" value="([^"]+)"', done.text)[1]
    prefilled = typed(client.get(label_url(second, like=like)).text)
    assert {**prefilled, "chosen": None} == {
        "officers": "officer", "cause": "占道经营", "party": "张某", "case_number": "2026-7",
        "chosen": None,
    }  # fmt: skip
    assert "check" in prefilled["chosen"]


def test_a_form_is_not_filled_from_what_is_not_for_these_eyes(office):
    recorder = office.bureau.recorder("another")
    office.bureau.bind(recorder, "west_officer", WEST)
    theirs = office.bureau.seal("theirs", recorder)
    office.bureau.label(theirs, ["west_officer"], case="case of the west", by="west_officer")
    own = office.enter("officer").get(label_url(office.segments[0], like=theirs)).text
    assert "case of the west" not in own
    west = office.enter("west_officer").get(label_url(theirs, like=theirs)).text
    assert "case of the west" in west


@pytest.mark.parametrize("no_case", ["patrol", "mistake", "not_duty"])
def test_a_patrol_needs_no_case(office, no_case):
    client = office.enter("officer")
    send(client, label_url(office.segments[0]), no_case=no_case)
    assert office.segments[0] not in listed(client)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "what"),
        ({"what": "check", "no_case": "patrol"}, "no_case"),
        ({"what": "dance"}, "what"),
        ({"what": "check/waltz"}, "what"),
        ({"cause": "x" * 501}, "cause"),
        ({"cause": "x", "officers": "nobody-is-called-so"}, "officers"),
        ({"cause": "x", "officers": "000007"}, "officers"),  # officer and watcher share it
        ({"cause": "x", "officers": ",".join(f"p{n}" for n in range(30))}, "officers"),
        ({"cause": "x", "officers": "officer" + "," * 30}, "officers"),
        ({"cause": "x", "officers": "," * 1001}, "officers"),
    ],
)
def test_a_mistake_is_told_at_its_field_and_nothing_that_was_typed_is_lost(office, fields, field):
    client = office.enter("officer")
    told = fields | {"place": "解放路 <1>", "words": '"quoted"'}
    page = send(client, label_url(office.segments[0]), **told)
    assert page.status_code == 400
    assert wrong(page.text) == {field}
    assert f'href="#{field}"' in page.text
    kept = typed(page.text)
    assert (kept["place"], kept["words"]) == ("解放路 <1>", '"quoted"')
    assert kept.get("cause", "") == fields.get("cause", "")
    assert kept.get("officers", "") == fields.get("officers", "")
    assert office.bureau.house.entries("segment.labelled") == []
    assert "--" not in page.text.replace("<!--", "")


def test_all_mistakes_are_told_at_once(office):
    client = office.enter("officer")
    fields = {"officers": "nobody-is-called-so", "cause": "x" * 501, "place": "y" * 501}
    assert wrong(send(client, label_url(office.segments[0]), **fields).text) == {
        "officers", "cause", "place",
    }  # fmt: skip


def test_an_incomplete_label_is_kept_and_stays_on_the_list(office):
    client = office.enter("officer")
    done = send(client, label_url(office.segments[0]), case_number="2026-7")
    assert "仍不完整" in done.text
    assert office.segments[0] in listed(client)


def test_a_correction_leaves_the_old_label_readable_in_the_words_of_then(office):
    client = office.enter("officer")
    url = label_url(office.segments[0])
    send(client, url, officers="officer", **CASE)
    who = person("officer")
    named = {"name": "new name", "number": "1", "certificate": None, "certificate_until": None}
    about, body = (ORGANISATION, who), {"person": who, "unit": EAST}
    office.bureau.write("person.corrected", about, body, named | {"aliases": []}, of=who)
    send(client, url, officers="mate", **CASE | {"party": "李某"})
    page = client.get(url).text
    history = page[page.index("历次标注") :]
    newest, oldest = history.split("</li>")[:2]
    assert "李某" in newest
    assert "new name" in newest
    assert "张某" in oldest
    assert "officer" in oldest
    assert "new name" not in oldest
    assert "检查" in newest
    assert typed(page)["party"] == "李某", "the form begins with the label that holds"


def test_an_item_of_an_older_list_is_named_by_its_code_and_list(office):
    items = {"name": "old", "version": "1"}
    office.bureau.label(office.segments[0], ["officer"], item="check", items=items)
    page = office.enter("officer").get(label_url(office.segments[0])).text
    assert "check (old 1)" in page[page.index("历次标注") :]


def test_the_same_form_twice_labels_once(office):
    client = office.enter("officer")
    url = label_url(office.segments[0])
    fields = {"key": KEY.search(client.get(url).text)[1], "no_case": "patrol"}
    for _ in range(2):
        assert client.post(url, data=fields).url.path == "/unlabelled"
    assert len(office.bureau.house.entries("segment.labelled")) == 1


def test_a_form_without_a_key_labels_nothing(office):
    client = office.enter("officer")
    for fields in ({}, {"key": "short"}, {"key": "a-key-of-mine", "no_case": "holiday"}):
        sent = client.post(label_url(office.segments[0]), data={"no_case": "patrol"} | fields)
        assert sent.status_code == 422
    assert office.bureau.house.entries("segment.labelled") == []


def test_the_parts_of_a_recording_and_a_docking_are_labelled_together(office):
    joined(office)
    client = office.enter("officer")
    assert f'href="/label?recording={office.segments[0]}' in client.get(
        label_url(office.segments[0])
    ).text  # fmt: skip
    of_it = client.get(f"/label?recording={office.segments[0]}")
    assert sorted(of_it.url.params.get_list("segment")) == sorted(office.segments[:2])
    send(client, label_url(office.segments[0]), no_case="patrol")
    of_docking = client.get(f"/label?docking={DOCKING}")
    assert sorted(of_docking.url.params.get_list("segment")) == sorted(office.segments[1:])
    send(client, label_url(*office.segments[1:]), no_case="patrol")
    assert client.get(f"/label?docking={DOCKING}").url.path == "/unlabelled"


def test_without_a_choice_the_form_leads_to_the_list(office):
    assert office.enter("officer").get("/label").url.path == "/unlabelled"


@pytest.mark.parametrize("name", STRANGERS)
def test_who_may_not_label_gets_no_form_and_their_post_is_refused(office, name):
    client, url = office.enter(name), label_url(office.segments[0])
    page = client.get(url)
    may_list = name in {"chief", "acting", "inspector", "watcher", "head", "leader"}
    assert page.status_code == (200 if may_list else 404), page.text
    assert 'name="officers"' not in page.text
    posted = client.post(url, data={"key": "a-key-of-mine", "no_case": "patrol"})
    assert posted.status_code == (403 if may_list else 404)
    assert office.bureau.house.entries("segment.labelled") == []


def test_what_is_not_there_and_what_is_not_for_you_look_the_same(office):
    client = office.enter("west_officer")
    there, nowhere = (client.get(label_url(each)) for each in (office.segments[0], NOWHERE))
    assert there.status_code == nowhere.status_code == 404
    cut = re.compile(r'href="\?[^"]*"')
    assert cut.sub("", there.text) == cut.sub("", nowhere.text)


def test_a_supervisor_labels_for_an_officer(tmp_path):
    office = of_a_house(tmp_path)
    client = office.enter("supervisor")
    assert f'<option value="{person("officer")}">officer' in client.get("/unlabelled").text
    assert person("west_officer") not in client.get("/unlabelled").text
    path = f"/unlabelled?person={person('officer')}"
    assert sorted(listed(client, path)) == sorted(office.segments)
    url = label_url(office.segments[0], person=person("officer"))
    done = send(client, url, officers="officer", **CASE)
    assert done.url.params["person"] == person("officer"), "back on the same list"
    assert sorted(listed(client, path)) == sorted(office.segments[1:])
    other = client.get(f"/unlabelled?person={person('west_officer')}")
    assert other.status_code == 403
    office.bureau.house.close()


def test_a_long_list_has_pages(office, monkeypatch):
    monkeypatch.setattr("api.pages_work.PAGE", 2)
    client = office.enter("officer")
    first = client.get("/unlabelled")
    following = unescape(re.search(r'href="(\?after=\d+)"', first.text)[1])
    shown = listed(client) + listed(client, f"/unlabelled{following}")
    assert sorted(shown) == sorted(office.segments)
    assert "更早的" not in client.get(f"/unlabelled{following}").text


def test_a_day_that_is_none_is_told_at_its_field(office):
    client = office.enter("officer")
    for path in ("/unlabelled", "/gaps"):
        assert wrong(client.get(f"{path}?since=20261345").text) == {"since"}
        assert wrong(client.get(f"{path}?since=2026-01-31").text) == set()
    assert listed(client, "/unlabelled?since=2099-01-01") == []


# --- interruptions -------------------------------------------------------------------------------


def of_a_house(folder):
    bureau, segments = docked(House(folder))
    return Office(bureau, segments)


def test_the_officer_explains_and_the_supervisor_answers(tmp_path):
    office = of_a_house(tmp_path)
    gap = judged(office)
    officer, supervisor = office.enter("officer"), office.enter("supervisor")
    assert gap in officer.get("/gaps").text
    assert gap not in supervisor.get("/gaps").text, "nothing waits yet"
    page = officer.get(gap).text
    assert page.count("<rect") == 3
    assert 'name="verdict"' not in page
    told = explained(officer, gap, reason="battery", words="电量不足", spoken="true")
    assert "电量不足" in told.text
    assert gap in supervisor.get("/gaps").text
    back = send_answer(supervisor, gap, verdict="returned", words="哪一块电池?")
    assert back.url.path == "/gaps"
    assert "哪一块电池?" in officer.get(gap).text
    explained(officer, gap, reason="other", words="2 号电池")
    send_answer(supervisor, gap, verdict="accepted")
    assert gap not in officer.get("/gaps").text
    assert gap in officer.get("/gaps?all=true").text
    assert '<form method="post" action="/gaps' not in officer.get(gap).text
    office.bureau.house.close()


def explained(client, gap, **fields):
    key = KEY.search(client.get(gap).text)[1]
    return client.post(f"{gap}/explanation", data={"key": key, **fields})


def send_answer(client, gap, **fields):
    key = KEY.search(client.get(gap).text)[1]
    return client.post(f"{gap}/verdict", data={"key": key, **fields})


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"words": "x"}, {"reason"}),
        ({"reason": "other", "spoken": "true"}, {"words"}),
        ({"reason": "battery"}, {"words"}),
        ({"reason": "battery", "words": " "}, {"words"}),
        ({"reason": "battery", "words": "x" * 2001}, {"words"}),
        ({}, {"reason", "words"}),
    ],
)
def test_an_explanation_that_says_too_little_comes_back_with_what_was_typed(office, fields, fault):
    gap, client = judged(office), office.enter("officer")
    page = explained(client, gap, **fields)
    assert page.status_code == 400
    assert wrong(page.text) == fault
    assert f">{fields.get('words', '')}</textarea>" in page.text
    chosen = re.findall(r'name="reason" value="(\w+)" checked', page.text)
    assert chosen == [fields[name] for name in ("reason",) if name in fields]
    assert ('name="spoken" value="true" checked' in page.text) is ("spoken" in fields)
    assert office.bureau.house.entries("gap.explained") == []


def test_who_gives_an_explanation_back_says_why(office):
    gap = judged(office)
    explained(office.enter("officer"), gap, reason="battery", spoken="true")
    client = office.enter("searcher")
    key = KEY.search(client.get(gap).text)[1]
    page = client.post(f"{gap}/verdict", data={"key": key, "verdict": "returned"})
    assert (page.status_code, wrong(page.text)) == (400, {"answer"})
    long = client.post(
        f"{gap}/verdict", data={"key": key, "verdict": "accepted", "words": "x" * 2001}
    )
    assert (long.status_code, wrong(long.text)) == (400, {"answer"})
    assert office.bureau.house.entries("gap.answered") == []


def test_nobody_answers_their_own_explanation_on_a_page(office):
    office.bureau.role("officer", "supervisor", EAST)
    gap, client = judged(office), office.enter("officer")
    explained(client, gap, reason="battery", spoken="true")
    assert 'name="verdict"' not in client.get(gap).text
    own = client.post(f"{gap}/verdict", data={"key": "a-key-of-mine", "verdict": "accepted"})
    assert own.status_code == 403
    assert "own_question" not in own.text
    assert office.bureau.house.entries("gap.answered") == []


def test_two_who_speak_at_once_are_told_so_and_lose_nothing(office, monkeypatch):
    gap, client = judged(office), office.enter("officer")
    read = read_gap(office, gap)
    explained(client, gap, reason="battery", spoken="true")
    monkeypatch.setattr("api.labels.gap_seen", lambda *_: read)
    late = explained(client, gap, reason="weather", words="a storm")
    assert (late.status_code, wrong(late.text)) == (400, {"words"})
    assert "a storm</textarea>" in late.text
    assert len(office.bureau.house.entries("gap.explained")) == 1


def read_gap(office, gap):
    _, _, seams, seam = gap.split("/")
    return gap_of(office.bureau.ledger, int(seams), int(seam))


@pytest.mark.parametrize("name", ["west_officer", "west_head", "admin", "mate"])
def test_a_gap_between_others_recordings_is_not_there(office, name):
    gap, client = judged(office), office.enter(name)
    for path in (gap, "/gaps/0/0", "/gaps/999999/0"):
        assert client.get(path).status_code == 404
    data = {"key": "a-key-of-mine", "reason": "battery", "words": "x"}
    assert client.post(f"{gap}/explanation", data=data).status_code == 404


@pytest.mark.parametrize(
    ("parts", "widths"),
    [
        ([("film", 1000), ("hole", 1000), ("film", 2000)], [165, 165, 270]),
        ([("film", 10**9), ("hole", 1), ("film", 1)], [479, 60, 61]),
        ([("film", None), ("hole", None)], [300, 300]),
        ([("hole", 5)], [600]),
    ],
)
def test_a_strip_is_to_scale_and_no_part_of_it_vanishes(parts, widths):
    bars = strip(parts)
    assert [bar.width for bar in bars] == widths
    assert [bar.kind for bar in bars] == [kind for kind, _ in parts]
    assert bars[0].x == 0
    assert bars[-1].x + bars[-1].width == WIDTH
    assert all(a.x + a.width == b.x for a, b in pairwise(bars))
