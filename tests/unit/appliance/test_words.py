import ast
import re
import string
from pathlib import Path

import pytest

from appliance.answers import CLAIMS
from appliance.services import AuditReport
from appliance.words import LANGUAGES, MESSAGES, choose_language, load_words, printable
from custody.findings import AuditFinding, Remark
from drivers.device import REFUSED
from evidence import errors
from evidence.entry import ENTRY_TYPES
from evidence.findings import Finding
from evidence.weeks import BECAUSE, WHAT
from ingest.outcome import Progress
from ingest.seams import SeamKind

ROOT = Path(__file__).parents[3]
PACKAGES = ("api", "appliance", "custody", "drivers", "evidence", "ingest", "vault")
SPEAKS = ("appliance", "demo")  # the folders whose code speaks to a person
SHEETS = ("week_sheet.py",)  # and what of the pages is printed in both languages
SOURCES = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
SOURCES += (ROOT / "tests" / "demo").glob("*.py")
TREES = {path: ast.parse(path.read_text("utf-8")) for path in SOURCES}
CATALOGUES = {language: load_words(language) for language in LANGUAGES}
EN = CATALOGUES["en"]
KEY = re.compile(r"[a-z_]+(\.[a-z_]+)+")
ERRORS = {
    name
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, errors.EvidenceError)
}


def placeholders(template):
    return {(name, spec) for _, name, spec, _ in string.Formatter().parse(template) if name}


def names(template):
    return {name for name, _ in placeholders(template)}


def error_classes():
    """Return ours, and what other modules derive from them."""
    known = set(ERRORS)
    for tree in TREES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and any(
                isinstance(base, ast.Name) and base.id in known for base in node.bases
            ):
                known.add(node.name)
    return known


def raised_words():
    """Return every word that code gives to an error, with the facts that stand beside it."""
    known = error_classes()
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            called = isinstance(node, ast.Call) and node.args
            if called and getattr(node.func, "id", getattr(node.func, "attr", "")) in known:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    facts = {key.arg for key in node.keywords}
                    yield first.value, facts, str(path.relative_to(ROOT))


def test_both_languages_say_the_same_things():
    assert set(CATALOGUES["zh-CN"].texts) == set(EN.texts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_stands_in_two_files_of_one_language(language, tmp_path):
    read = 0
    for file in [MESSAGES / f"{language}.toml", *MESSAGES.glob(f"*.{language}.toml")]:
        (tmp_path / f"{language}.toml").write_bytes(file.read_bytes())
        read += len(load_words(language, tmp_path).texts)
    assert read == len(CATALOGUES[language].texts)


def test_both_languages_use_the_same_facts():
    chinese = CATALOGUES["zh-CN"].texts
    assert [key for key in EN.texts if names(chinese[key]) != names(EN.texts[key])] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_empty_and_every_amount_has_a_known_form(language):
    known = re.compile(r"(\|[^|{}]+\|[^|{}]+|bytes|duration|offset|word|each [a-z_]+)?")
    for key, template in CATALOGUES[language].texts.items():
        assert template.strip(), key
        for name, spec in placeholders(template):
            assert known.fullmatch(spec), (key, name, spec)


def test_the_chinese_catalogue_is_chinese():
    same = {
        key
        for key, text in CATALOGUES["zh-CN"].texts.items()
        if text == EN.texts[key] and not key.startswith("example.")
    }
    assert same == {"column.sm3", "docked.noticed", "plain.rate", "view.counted", "view.rate",
                    "view.title"}  # fmt: skip


def test_every_error_has_a_sentence():
    raised = list(raised_words())
    assert len(raised) > 100
    assert sorted({(word, where) for word, _, where in raised if not EN.has(f"error.{word}")}) == []


def test_a_sentence_asks_only_for_facts_that_its_error_carries():
    wrong = [
        (word, names(EN.texts[f"error.{word}"]) - facts, where)
        for word, facts, where in raised_words()
        if None not in facts and not names(EN.texts.get(f"error.{word}", "")) <= facts
    ]  # with **facts only the running code knows
    assert wrong == []


FAMILIES = {
    "finding": tuple(Finding),
    "short": tuple(Finding),
    "event": ENTRY_TYPES,
    "audit": tuple(AuditFinding),
    "remark": tuple(Remark),
    "seam": SeamKind.__args__,
    "seam_told": SeamKind.__args__,
    "docked": ("complete", "left_behind", "interrupted", "failed"),
    "told": ("kept", "confirmed", "erased"),
    "verdict": ("yes", "no", "unknown", "not_checked"),
    "kind": ("video", "audio", "photo", "log", "unknown", "empty"),
    "clock": ("measured", "at_least", "unknown"),
    "week_because": BECAUSE,
    "week_what": WHAT,
    "week_missing": WHAT,
    "week_state": ("running", "open", "closed", "reopened"),
    "actor": ("ingest", "keeper", "audit", "local"),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_everything_that_has_a_code_has_words(family):
    for code in FAMILIES[family]:
        assert EN.has(f"{family}.{code}"), code


def test_every_stage_that_a_docking_tells_has_a_word():
    stages = {
        node.args[0].value
        for path, tree in TREES.items()
        if path.parent.name == "ingest"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "docking"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    assert {"opened", "inventoried", "done"} <= stages
    for stage in stages:
        assert EN.has(f"stage.{stage}"), stage


def made_words():
    """Return the keys of words that end as an f-string of the code does: ``f"{what}_unknown"``."""
    ends = {
        node.values[-1].value
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        and isinstance(node.values[-1], ast.Constant)
        and re.fullmatch(r"_[a-z]+", node.values[-1].value)
    }
    return {key for key in EN.texts if key.startswith("error.") and key.endswith(tuple(ends))}


def spoken():
    """Return the keys that code names whole, and the beginnings of those that it makes."""
    whole, begun = set(), set()
    for path, tree in TREES.items():
        if path.parent.name not in SPEAKS and path.name not in SHEETS:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if KEY.fullmatch(node.value):
                    whole.add(node.value)
            elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                begun.add(node.values[0].value)
    return whole, begun | {f"{group}." for group in groups()}


def groups():
    """Return the groups from which sentences take the words of codes."""
    specs = {spec for text in EN.texts.values() for _, spec in placeholders(text)}
    return {spec.removeprefix("each ") for spec in specs if spec.startswith("each ")}


def test_every_word_that_the_code_speaks_is_in_the_catalogue():
    families = {key.partition(".")[0] for key in EN.texts}
    calls = {
        node.args[0].value
        for path, tree in TREES.items()
        if path.parent.name in SPEAKS
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and node.args
        and getattr(node.func, "id", getattr(node.func, "attr", "")) in {"words", "self", "say"}
        and isinstance(node.args[0], ast.Constant)
    }
    assert len(calls) > 50
    assert not {key for key in calls if not EN.has(key)}
    made = {start.removesuffix(".") for start in spoken()[1] if re.fullmatch(r"[a-z_]+\.", start)}
    assert len(made) > 10
    assert made <= families | {"patterns"}  # a key of config/names.toml


def test_no_sentence_is_left_over():
    whole, begun = spoken()
    begun = {start for start in begun if "." in start}
    raised = {f"error.{word}" for word, _, _ in raised_words()} | made_words()
    dynamic = {"error."}  # words of drivers and children that are made at run time stand below
    unused = {
        key
        for key in EN.texts
        if key not in whole | raised and not any(key.startswith(start) for start in begun - dynamic)
    }
    assert {key for key in unused if not key.startswith("error.")} == set()
    strings = {
        node.value
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert {key for key in unused if key.removeprefix("error.") not in strings} == set()


def test_a_code_in_a_sentence_is_told_in_the_language_of_the_sentence():
    for language, words in CATALOGUES.items():
        told = words("error.not_disposable", count=1, segment="s:0", because=["held", "mark"])
        assert words("blocker.held") in told, language
        assert words("blocker.mark") in told, language
        assert words("disposal_state.done") in words(
            "error.disposal_settled", disposal="x:", state="done"
        )


def test_a_missing_sentence_or_fact_is_told_imperfectly_and_never_raises():
    assert EN("no.such.key", where="here") == "no.such.key (where=here)"
    assert EN("error.unplugged") == EN("error.unplugged", where="?")


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("a\nb", "a\\x0ab"),
        ("evil\u202egpj.exe", "evil\\u202egpj.exe"),
        ("\ud800", "\\ud800"),
        ("警号", "警号"),
        ("x" * 3000, "x" * 2000 + "…"),
    ],
)
def test_a_name_from_a_recorder_cannot_steer_the_terminal(hostile, shown):
    assert printable(hostile) == shown
    assert shown in EN("error.unplugged", where=hostile)


def test_a_fact_is_never_read_as_a_template():
    assert "{where}" in EN("error.unplugged", where="{where}")


@pytest.mark.parametrize(
    ("template", "value", "english", "chinese"),
    [
        ("{n:duration}", 6_999, "6.9 s", "6.9 秒"),
        ("{n:duration}", 182_000, "3 min 02 s", "3 分 02 秒"),
        ("{n:duration}", 3_900_000, "1 h 05 min", "1 小时 05 分"),
        ("{n:offset}", 182_000, "+3 min 02 s", "+3 分 02 秒"),
        ("{n:offset}", -1_000, "−1.0 s", "−1.0 秒"),
        ("{n:offset}", 0, "±0.0 s", "±0.0 秒"),
        ("{n:bytes}", 999, "999 B", "999 B"),
        ("{n:bytes}", 1_960_000_000, "1.9 GB", "1.9 GB"),
        ("{n:|file|files}", 1, "1 file", "1 file"),
        ("{n:|file|files}", 0, "0 files", "0 files"),
        ("{n:bytes}", None, "None", "None"),
    ],
)
def test_amounts_are_told_in_units_that_a_person_counts_in(template, value, english, chinese):
    told = [words.vformat(template, (), {"n": value}) for words in CATALOGUES.values()]
    assert told == [english, chinese]


@pytest.mark.parametrize(
    ("asked", "configured", "environment", "language"),
    [
        ("en", "zh-CN", {"LANG": "zh_CN.UTF-8"}, "en"),
        (None, "zh-CN", {"LANG": "en_US.UTF-8"}, "zh-CN"),
        (None, "", {"LC_ALL": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}, "zh-CN"),
        (None, "", {"LC_ALL": "", "LANG": "zh_TW"}, "zh-CN"),
        (None, "", {"LANG": "fr_FR.UTF-8"}, "en"),
        (None, "", {}, "en"),
    ],
)
def test_the_language_is_the_nearest_wish(asked, configured, environment, language):
    assert choose_language(asked, configured, environment) == language


def test_the_outcomes_and_verdicts_tested_here_are_those_of_the_code():
    assert set(Progress.__dataclass_fields__) >= {"recorder", "because"}
    assert "verdicts" in AuditReport.__dataclass_fields__


def test_words_that_reach_an_error_through_a_table_have_sentences_too():
    for word in {*REFUSED.values(), "device_unopened", *CLAIMS, "parser_deadline", "parser_answer"}:
        assert EN.has(f"error.{word}"), word


def test_every_reason_that_a_docking_gives_has_words():
    reasons = {
        node.value.value
        for path, tree in TREES.items()
        if path.parent.name == "ingest"
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Attribute)
        and node.targets[0].attr == "because"
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }
    assert "identity_conflict" in reasons
    assert [word for word in reasons if not EN.has(f"error.{word}")] == []


def test_every_reason_that_a_seam_gives_has_words():
    source = (ROOT / "ingest" / "seams.py").read_text("utf-8")
    reasons = set(re.findall(r'because="([a-z_]+)"', source))
    assert len(reasons) >= 3
    assert [word for word in reasons if not EN.has(f"because.{word}")] == []


def test_every_reason_why_an_end_is_not_lawful_has_words():
    codes = {"segment_disposed", "segment_unknown", "kept"}
    for name in ("lawful", "agreement", "endings"):
        for node in ast.walk(TREES[ROOT / "custody" / f"{name}.py"]):
            said = node.elts if isinstance(node, ast.List) else ()
            told = [node.value] if isinstance(node, ast.Yield) else said
            codes |= {each.value for each in told if isinstance(each, ast.Constant)}
    assert len(codes) > 20
    for words in CATALOGUES.values():
        assert [code for code in sorted(codes) if not words.has(f"blocker.{code}")] == []
