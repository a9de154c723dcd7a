"""Questions, decisions, grants and ``why`` at the command line, over a desk in memory."""

import io
import json
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from appliance import commands_ask, commands_rules, signing
from appliance.cli import run
from appliance.exits import Exit
from appliance.output import Terminal
from appliance.parser_ask import COMMANDS
from appliance.words import load_words
from evidence.codec import format_time
from evidence.errors import UnknownSegmentError
from evidence.people import ORGANISATION
from tests.fakes.desk import EAST, person, private_key, sealed
from tests.process.appliance.documented import undocumented, unshown
from tests.unit.appliance.fake_house import DETAIL
from vault.softkey import SoftKey

EN = load_words("en")


class Office:
    """The command line of somebody who is signed in: ``office("head", "inbox")``."""

    def __init__(self, monkeypatch, home):
        self.bureau, self.segments = sealed()
        self.home = home
        self.who = None
        for module in (commands_ask, commands_rules):
            monkeypatch.setattr(module, "actor", lambda _call: self.bureau.actor(self.who))
        monkeypatch.setattr(signing, "load_soft_key", lambda path: SoftKey(private_key(path.name)))

    def segment(self, start):
        for segment in self.segments:
            if segment.startswith(f"s:{start}"):
                return replace(DETAIL, row=replace(DETAIL.row, segment=segment[2:]))
        raise UnknownSegmentError("segment_unknown", segment=start)

    def __call__(self, who, *arguments):
        self.who = who
        out, err = io.StringIO(), io.StringIO()
        services = SimpleNamespace(desk=self.bureau.desk, segment=self.segment)
        code = run(
            ["--home", str(self.home), *arguments],
            {"HOME": str(self.home), "LANG": "en_US.UTF-8"},
            lambda _settings: services,
            lambda as_json, quiet: Terminal(out, err, as_json, quiet),
        )
        return SimpleNamespace(code=code, out=out.getvalue(), err=err.getvalue())

    def json(self, who, *arguments, code=Exit.OK):
        said = self(who, *arguments, "--json")
        assert said.code == code, said.out
        return json.loads(said.out)

    def short(self, number):
        return self.segments[number][2:14]

    def ask(self, *more, who="supervisor"):
        terms = ("--purpose", "case", "--reason", "to see", "--until", "2026-12-01")
        asked = ("request", "copy", self.short(0), *terms, *more)
        return self.json(who, *asked, "--yes")["question"]["request"]


@pytest.fixture
def office(monkeypatch, tmp_path):
    return Office(monkeypatch, tmp_path)


def request(office, *more):
    return (
        "request", "copy", office.short(0), office.short(1), "--purpose", "complaint",
        "--reason", "to see", "--until", "2026-12-01", *more,
    )  # fmt: skip


def test_before_a_question_is_sent_it_says_who_decides_and_what_would_refuse(office):
    said = office("supervisor", *request(office, "--dry-run"))
    assert said.code == Exit.OK
    assert "head" in said.out
    assert "article 18" in said.out
    assert "reason 2 of article 17" in said.out
    assert office.bureau.house.entries("request.made") == []
    plan = office.json("mate", *request(office, "--dry-run"), code=Exit.REFUSED)["plan"]
    assert plan["refusals"] == [{"row": "may_request", "article": "18"}]
    assert (plan["unit"], plan["row"], plan["deciders"]) == (EAST, "own_unit", [person("head")])


def test_a_retrieval_says_until_when_it_is_provided_and_a_vacancy_that_nobody_decides(office):
    assert "is due by" in office("searcher", *request(office, "--dry-run")).out
    office.bureau.suspend("head")
    assert "has to be named" in office("supervisor", *request(office, "--dry-run")).out


def test_nothing_is_sent_before_somebody_says_yes(office, monkeypatch):
    assert office("supervisor", *request(office)).code == Exit.USAGE
    typed = io.StringIO("no\n")
    monkeypatch.setattr(typed, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", typed)
    said = office("supervisor", *request(office))
    assert said.code == Exit.USAGE
    assert "decides:" in said.err
    assert office.bureau.house.entries("request.made") == []
    typed.seek(0)
    typed.write("yes\n")
    typed.seek(0)
    assert office("supervisor", *request(office)).code == Exit.OK
    assert len(office.bureau.house.entries("request.made")) == 1


def test_a_refusal_tells_every_rule_in_the_way(office):
    said = office("admin", *request(office))
    assert said.code == Exit.REFUSED
    asks = EN("row.may_request")
    assert said.err.splitlines() == [
        "dockseal: Refused (ask). What is in the way:",
        "dockseal:   an administrator comes near no footage, no label and no purpose (article 18)",
        f"dockseal:   {asks} (article 18)",
    ]
    assert len(office.bureau.house.entries("access.refused")) == 1


def test_a_letter_and_a_recipient_go_with_a_release(office, tmp_path):
    copy = tmp_path / "letter.pdf"
    copy.write_bytes(b"letter")
    terms = ("--purpose", "court", "--reason", "demanded", "--until", "2026-12-01", "--yes")
    release = ("request", "release", office.short(0), *terms, "--recipient", "the court")
    assert office("supervisor", *release).code == Exit.USAGE
    assert office("supervisor", *release, "--letter", "7").code == Exit.OK
    assert office("supervisor", *release, "--letter", "7", "--letter-copy", str(copy)).code == 0
    missing = office("supervisor", *release, "--letter", "7", "--letter-copy", f"{copy}x")
    assert missing.code == Exit.VAULT


def test_a_span_is_asked_for_by_its_slices(office):
    question = office.ask("--slices", "0-1")
    (entry,) = office.bureau.house.entries("request.made")
    assert entry.body["request"] == question
    assert entry.body["spans"] == [{"segment": office.segments[0], "first": 0, "last": 1}]
    for wrong in ("0", "a-b", "-1", "0-9"):
        asked = request(office, "--slices", wrong)
        assert office("supervisor", *asked).code == Exit.USAGE


def test_a_head_sees_it_in_the_inbox_signs_and_the_asker_has_a_grant(office):
    question = office.ask("--times", "2", "--case", "C-1")
    assert question in [q["request"] for q in office.json("head", "inbox")["answer"]]
    said = office("head", "inbox")
    assert "To answer:" in said.out
    assert "supervisor" in said.out
    dry = office("head", "decide", "approve", question[:12], "--times", "1", "--dry-run")
    assert "1 time" in dry.out
    assert office.bureau.house.entries("request.decided") == []
    decided = office.json("head", "decide", "approve", question, "--key", "head", "--yes")
    (grant,) = office.json("supervisor", "grants")["grants"]
    assert decided["grants"] == [grant["grant"]]
    assert (grant["live"], grant["times"], grant["used"]) == (True, 2, 0)
    assert "live" in office("supervisor", "grants").out
    ended = office.json("supervisor", "grant", "end", grant["grant"][:10], "--reason", "enough")
    assert ended["grant"] == grant["grant"]
    assert "was withdrawn" in office("supervisor", "grants").out
    assert office("head", "grant", "end", grant["grant"], "--reason", "again").code == Exit.OK


def test_a_head_narrows_and_hides(office):
    question = office.ask("--times", "2")
    narrow = ("--only", office.short(0), "--slices", "1-2", "--until", "2026-11-23")
    hide = ("--confidential-until", "2027-01-01", "--key", "head", "--yes")
    bare = office("head", "decide", "approve", question, *narrow, *hide)
    assert bare.code == Exit.USAGE, "looks that are hidden need a reason"
    hide += ("--reason", "discipline")
    body = office.json("head", "decide", "approve", question, *narrow, *hide)["proposal"]
    assert body["spans"] == [{"segment": office.segments[0], "first": 1, "last": 2}]
    assert body["until"] == "2026-11-23T16:00:00.000Z"  # the end of that day, in Shanghai
    assert body["confidential_until"] == "2027-01-01T16:00:00.000Z"


def test_an_approval_without_a_key_or_with_somebody_elses_is_none(office):
    question = office.ask()
    bare = office("head", "decide", "approve", question, "--yes")
    assert bare.code == Exit.REFUSED
    assert "signature of who decides" in bare.err
    other = office("head", "decide", "approve", question, "--key", "west_head", "--yes")
    assert "not registered" in other.err


def test_a_refusal_has_a_reason(office):
    question = office.ask()
    assert office("head", "decide", "refuse", question, "--yes").code == Exit.USAGE
    said = office("head", "decide", "refuse", question, "--reason", "not needed", "--yes")
    assert said.code == Exit.OK
    assert "Refused (entry" in said.out
    assert office.json("supervisor", "inbox")["asked"][0]["state"] == "refused"


def test_a_question_is_withdrawn_and_a_retrieval_objected_to(office):
    question = office.ask()
    assert office("supervisor", "withdraw", question[:10], "--reason", "no").code == Exit.OK
    retrieval = office.ask(who="searcher")
    assert "may object" in office("head", "inbox").out
    said = office("head", "object", retrieval[:10], "--reason", "a case is open")
    assert said.code == Exit.OK


def test_what_is_not_there_or_not_ones_own_is_not_found_by_its_start(office):
    question = office.ask()
    for who, start in (("supervisor", question[:5]), ("mate", question[:12])):
        said = office(who, "withdraw", start, "--reason", "no")
        assert said.code == Exit.REFUSED
        assert "There is no question" in said.err
    assert "There is no grant" in office("mate", "grant", "end", "g:000000", "--reason", "x").err


def test_empty_lists_say_so(office):
    assert office("mate", "inbox").out == "Nothing waits here.\n"
    assert office("mate", "grants").out == "Nothing has been granted to you.\n"


def test_why_answers_yes_or_names_the_rules(office):
    question = office.ask()
    head = person("head")
    yes = office("head", "why", head, "approve", question)
    assert yes.out.startswith("head may: approve a question.")
    no = office.json("head", "why", head, "label", office.short(0))
    assert (no["may"], no["rows"]) == (False, [{"row": "may_label", "article": "16"}])
    everywhere = office.json("chief", "why", person("admin"), "operate")
    assert (everywhere["may"], everywhere["subject"]) == (True, ORGANISATION)
    assert office("officer", "why", head, "label").code == Exit.REFUSED


def test_the_documents_are_those_of_the_handbook(office):
    office.ask(who="searcher")
    question = office.ask("--slices", "0-1")
    asked = request(office, "--dry-run")
    documents = {
        "request": [
            office.json("mate", *asked, code=Exit.REFUSED),
            office.json("supervisor", *request(office, "--yes")),
            office.json("searcher", *asked),
        ],
        "inbox": [office.json(name, "inbox") for name in ("head", "supervisor")],
        "decide": [office.json("head", "decide", "approve", question, "--key", "head", "--yes")],
        "object": [],
        "withdraw": [],
        "grant end": [],
        "why": [office.json("officer", "why", person("officer"), "view", office.short(0))],
    }
    (grant,) = office.json("supervisor", "grants")["grants"]
    end = ("grant", "end", grant["grant"], "--reason", "enough")
    documents["grant end"].append(office.json("head", *end))
    documents["grants"] = [office.json("supervisor", "grants")]
    other = office.ask(who="searcher")
    documents["object"].append(office.json("head", "object", other, "--reason", "no"))
    documents["withdraw"].append(office.json("searcher", "withdraw", other, "--reason", "no"))
    documents["rules show"] = [office.json("officer", "rules", "show")]
    documents["rules adopt"] = [office.json("admin", "rules", "adopt")]
    keys = {"key demo", "key list", "key revoke"}  # tests/process has them: they need accounts
    assert set(documents) == set(COMMANDS) - keys
    for command, shown in documents.items():
        for document in shown:
            assert undocumented(command, document) == []
        assert unshown(command, shown) == []


def test_rules_are_shown_and_adopted_and_others_decide_nothing(office):
    assert "not adopted" in office("officer", "rules", "show").out
    assert office("officer", "rules", "adopt").code == Exit.REFUSED
    assert office("admin", "rules", "adopt").code == Exit.OK
    office.bureau.with_rules(password_only=True)
    said = office("officer", "rules", "show")
    assert "configured and adopted" in said.out
    assert "a demo" in said.out
    assert "A password is enough" in said.out
    office.bureau.with_rules(sha256="1" * 64)
    assert office("supervisor", *request(office, "--yes")).code == Exit.USAGE


@pytest.mark.parametrize("times", ["0", "101", "x"])
def test_how_often_is_a_small_number(office, times):
    assert office("supervisor", *request(office, "--times", times)).code == Exit.USAGE


def test_a_day_that_was_asked_for_is_shown_as_that_day(office):
    question = office.ask()
    for who in ("supervisor", "head"):
        said = office(who, "inbox").out
        assert "2026-12-01" in said
        assert "2026-12-02" not in said
    terms = ("approve", question, "--key", "head", "--until", "2026-11-28", "--yes")
    dry = office("head", "decide", *terms, "--dry-run").out
    assert "2026-11-28" in dry
    assert "2026-11-29" not in dry
    assert office("head", "decide", *terms).code == Exit.OK
    assert "2026-11-28" in office("supervisor", "grants").out
    (grant,) = office.json("supervisor", "grants")["grants"]
    assert grant["until"].startswith("2026-11-28T16"), "a document says the moment: not included"


def test_a_moment_within_a_day_is_shown_as_a_moment(office):
    asked = ("copy", office.short(0), "--purpose", "case", "--reason", "x")
    office.json("supervisor", "request", *asked, "--until", "2026-12-01T12:00", "--yes")
    assert "2026-12-01 12:00:00" in office("supervisor", "inbox").out


def test_the_hold_that_a_purpose_proposes_is_shown_to_asker_and_decider(office):
    sent = office("supervisor", *request(office, "--yes"))
    assert "reason 2 of article 17" in sent.out
    for who, part in (("supervisor", "asked"), ("head", "answer")):
        assert "hold 2 proposed" in office(who, "inbox").out
        assert [each["hold"] for each in office.json(who, "inbox")[part]] == [2]
    assert "proposed)" not in office("deputy", "inbox").out


def test_what_is_retrieved_from_a_unit_is_told_with_its_day_and_called_late_after_it(office):
    office.ask(who="searcher")
    (told,) = office.json("head", "inbox")["told"]
    assert (told["late"], told["owed"]) == (False, [office.bureau.recorder()])
    assert told["provide_by"] == format_time(office.bureau.now + timedelta(days=3))
    assert "LATE" not in office("head", "inbox").out
    office.bureau.clock.forward(days=4)
    assert office.json("head", "inbox")["told"][0]["late"]
    assert "(LATE)" in office("head", "inbox").out
    office.bureau.dock({"DCIM/F1.MP4": b"film"})
    (told,) = office.json("head", "inbox")["told"]
    assert (told["late"], told["owed"]) == (False, [])
