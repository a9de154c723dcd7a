import re
import tomllib
from pathlib import Path

import pytest

from appliance.config import Config, ExampleRow, PatternRow, SlotSection
from appliance.home import choose_home
from appliance.mistakes import WORDS_OF_CODES, ConfigurationError, sentence
from appliance.patterns import SHIPPED_FILE, load_patterns, patterns_file
from appliance.settings import load_settings
from appliance.words import load_words

SHIPPED = Path(__file__).parents[3] / "config" / "appliance.toml"
NOWHERE = Path("/nonexistent/appliance.toml")
EN = load_words("en")


def load(tmp_path, text="", environment=None, home=None):
    file = tmp_path / "a.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(str(file), home, environment or {}, NOWHERE)


def mistakes(tmp_path, text="", environment=None):
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text, environment)
    return [(each.line, each.key, each.word) for each in caught.value.mistakes]


def test_the_shipped_file_says_exactly_the_defaults():
    assert load_settings(str(SHIPPED), None, {}, NOWHERE).config == Config()


def test_every_key_stands_in_the_shipped_file_under_a_comment():
    text = SHIPPED.read_text("utf-8")
    tree = tomllib.loads(text)
    for section, field in Config.model_fields.items():
        if section != "slots":
            assert list(tree[section]) == list(field.annotation.model_fields), section
    for key in SlotSection.model_fields:
        assert re.search(rf"^# {key} = ", text, re.MULTILINE), key
    for block in re.split(r"\n\s*\n", text):
        if re.search(r"^[a-z_0-9]+ = ", block, re.MULTILINE):
            assert "#" in block, block


def test_a_number_in_a_comment_of_the_shipped_file_is_a_limit_that_holds():
    text = SHIPPED.read_text("utf-8")
    for section, key, low, high in (
        ("ledger", "linger_s", 0, 3600),
        ("ingest", "hung_after_s", 5, 3600),
        ("limits", "max_depth", 4, 256),
        ("audit", "workers", 0, 256),
    ):
        field = Config.model_fields[section].annotation.model_fields[key]
        bounds = {type(each).__name__: each for each in field.metadata}
        assert (bounds["Ge"].ge, bounds["Le"].le) == (low, high)
        before = text[: text.index(f"\n{key} = ")]
        assert f"{low} to {high}" in before[-400:]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("\n[vault]\nsm4 = true\n", [(3, "vault.sm4", "unknown_key")]),
        ("[foo]\na = 1\n", [(1, "foo", "unknown_key_of")]),
        ("[vault]\nreserve_bytes = '1 GiB'\n", [(2, "vault.reserve_bytes", "not_integer")]),
        ("[vault]\nreserve_bytes = 1.5\n", [(2, "vault.reserve_bytes", "not_integer")]),
        ("[vault]\nsm3 = 1\n", [(2, "vault.sm3", "not_bool")]),
        ("vault = 3\n", [(1, "vault", "not_table")]),
        ("[home]\npath = 3\n", [(2, "home.path", "not_text")]),
        ("slots = 1\n", [(1, "slots", "not_list")]),
        ("[station]\ntime_zone = 'Moon/Base'\n", [(2, "station.time_zone", "time_zone")]),
        ("[station]\nstation = 'A B'\n", [(2, "station.station", "station_name")]),
        ("[station]\norganisation = 'a/b'\n", [(2, "station.organisation", "organisation_name")]),
        ("[station]\nlanguage = 'de'\n", [(2, "station.language", "not_one_of")]),
        ("[metrics]\nlisten = '0.0.0.0:1'\n", [(2, "metrics.listen", "metrics_listen")]),
        ("[ingest]\nearliest = 'once'\n", [(2, "ingest.earliest", "day")]),
        ("[ingest]\n# why\nhung_after_s = 1\n", [(3, "ingest.hung_after_s", "too_small")]),
        ("[limits]\nmax_depth = 1\n", [(2, "limits.max_depth", "too_small")]),
        ("[limits]\nmax_depth = 999\n", [(2, "limits.max_depth", "too_big")]),
        ("[[slots]]\nnumber = 1\n", [(1, "slots.0.path", "missing")]),
        (
            "[[slots]]\nnumber=1\npath='a'\n[[slots]]\nnumber=2\npath=''\nafter='burn'\n",
            [(6, "slots.1.path", "empty"), (7, "slots.1.after", "not_one_of")],
        ),
        (
            "[[slots]]\nnumber=1\npath='a'\n[[slots]]\nnumber=1\npath='b'\n",
            [(1, "slots", "slot_twice")],
        ),
        (
            "[station]\norganisation = 'cgj.gov.cn'\n[access]\ndemo_keys = true\n",
            [(3, "access", "demo_keys")],
        ),
        ("[alarms]\nmail_to = 'a b'\n", [(2, "alarms.mail_to", "mail_address")]),
        ("[alarms]\nmail_from = 'a@b\\nBcc: c@d'\n", [(2, "alarms.mail_from", "mail_address")]),
        ("[alarms]\nsmtp_host = 'a b'\n", [(2, "alarms.smtp_host", "host_name")]),
        ("[alarms]\nmail_to = 'a@b.example'\n", [(1, "alarms", "mail_incomplete")]),
        ("[alarms]\nsmtp_user = 'a'\n", [(1, "alarms", "mail_password")]),
        (
            "[alarms]\nsmtp_host='a.b'\nsmtp_tls='none'\nsmtp_user='a'\nsmtp_password_file='b'\n",
            [(1, "alarms", "mail_in_clear")],
        ),
        *(
            (f"[alarms]\nwebhook_url = '{url}'\n", [(2, "alarms.webhook_url", "webhook_url")])
            for url in (
                "http://hook.example/", "ftp://127.0.0.1/", "https://", "https://a:b@hook.example/",
                "https://hook.example/#a", "https://hook.example/a b", "https://hook.example:x/",
                "https://[::1/", "https://hook.example/警", "file:///etc/passwd", "hook",
            )
        ),
        ("[vault\n", [(1, "", "not_toml")]),
        ("[vault]\nsm3 = \n", [(2, "", "not_toml")]),
        ("a = [\n1,\n2,\n", [(4, "", "not_toml")]),
        ("[vault]\nsm3 = true\nsm3 = false\n", [(3, "", "not_toml")]),
    ],
)  # fmt: skip
def test_a_mistake_is_told_by_key_and_line(tmp_path, text, told):
    assert mistakes(tmp_path, text) == told


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(tmp_path):
    text = (
        "[limits]\nanswer_bytes = [\n  1,\n  2,\n]\nmax_depth = 0\n"
        "[audit]\nlevel = '''\nall\n'''\nworkers = -1\n[[slots]]\nnumber = 0\npath = 'x'\n"
    )
    assert mistakes(tmp_path, text) == [
        (2, "limits.answer_bytes", "not_integer"),
        (6, "limits.max_depth", "too_small"),
        (8, "audit.level", "not_one_of"),
        (11, "audit.workers", "too_small"),
        (13, "slots.0.number", "too_small"),
    ]


@pytest.mark.parametrize(
    ("told", "ways"),
    [
        ("", ()),
        ("webhook_url = 'https://hook.example:8443/a?key=b'", ("webhook",)),
        ("webhook_url = 'http://127.0.0.1:8080/'", ("webhook",)),
        (
            "mail_to = 'a@b.example, c@d.example'\nmail_from = 'e@f.example'\nsmtp_host = 'g'",
            ("mail",),
        ),
        (
            "smtp_user = 'a'\nsmtp_password_file = 'b'\nsmtp_host = 'localhost'\nsmtp_tls = 'none'",
            (),
        ),
    ],
)
def test_the_ways_of_alarms_are_those_that_say_where_to(tmp_path, told, ways):
    assert load(tmp_path, f"[alarms]\n{told}\n").config.alarms.ways == ways


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_complaint_has_a_sentence_with_its_place(tmp_path, language):
    words = load_words(language)
    for word in {*WORDS_OF_CODES.values(), "other", "unknown_key_of"}:
        assert words.has(f"mistake.{word}"), word
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, "[vault]\nreserve_byte = 1\n")
    told = sentence(caught.value.mistakes[0], words)
    assert "a.toml" in told
    assert "2" in told
    assert "vault.reserve_byte" in told
    assert "reserve_bytes" in told  # what was meant
    assert "?:" not in told


def test_a_file_that_is_no_text_or_not_there_is_told(tmp_path):
    file = tmp_path / "a.toml"
    file.write_bytes(b"[vault]\nsm3 = '\xff'\n")
    for path, word in ((file, "not_utf8"), (tmp_path / "none.toml", "unreadable")):
        with pytest.raises(ConfigurationError) as caught:
            load_settings(str(path), None, {}, NOWHERE)
        assert [each.word for each in caught.value.mistakes] == [word]


def test_a_file_without_end_is_not_read():
    with pytest.raises(ConfigurationError) as caught:
        load_settings("/dev/zero", None, {}, NOWHERE)
    assert caught.value.mistakes[0].word == "too_large"


@pytest.mark.parametrize(
    ("name", "text", "read"),
    [
        ("DOCKSEAL_VAULT_RESERVE_BYTES", "5", lambda config: config.vault.reserve_bytes == 5),
        ("DOCKSEAL_VAULT_SM3", "true", lambda config: config.vault.sm3 is True),
        ("DOCKSEAL_STATION_STATION", "7", lambda config: config.station.station == "7"),
        ("DOCKSEAL_AUDIT_LEVEL", "size", lambda config: config.audit.level == "size"),
        ("DOCKSEAL_NAMES_FILE", "true", lambda config: config.names.file == "true"),
        ("DOCKSEAL_OTHER_THING", "x", lambda config: config == Config()),
    ],
)
def test_the_environment_stands_over_the_file(tmp_path, name, text, read):
    assert read(load(tmp_path, "", {name: text}).config)


def test_a_mistake_in_the_environment_is_told_by_its_variable(tmp_path):
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, "", {"DOCKSEAL_AUDIT_WORKERS": "many", "DOCKSEAL_VAULT_SM4": "1"})
    told = [(each.source, each.line, each.word) for each in caught.value.mistakes]
    assert told == [
        ("DOCKSEAL_VAULT_SM4", None, "unknown_key"),
        ("DOCKSEAL_AUDIT_WORKERS", None, "not_integer"),
    ]


def test_the_file_that_is_read_is_the_one_that_was_named_nearest(tmp_path):
    def write(name, workers):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"[audit]\nworkers = {workers}\n")
        return path

    asked, named = write("asked.toml", 1), write("named.toml", 2)
    own, system = write("home/appliance.toml", 3), write("system.toml", 4)
    home, variable = str(own.parent), {"DOCKSEAL_CONFIG": str(named)}

    def workers(file, home, environment, system):
        return load_settings(file, home, environment, system).config.audit.workers

    assert workers(str(asked), home, variable, system) == 1
    assert workers(None, home, variable, system) == 2
    assert workers(None, home, {}, system) == 3
    assert workers(None, None, {"DOCKSEAL_HOME": home}, system) == 3
    assert workers(None, str(tmp_path), {"HOME": str(tmp_path)}, system) == 4
    assert workers(None, str(tmp_path), {"HOME": str(tmp_path)}, NOWHERE) == 0


@pytest.mark.parametrize(
    ("asked", "configured", "environment", "home"),
    [
        ("/a", "/b", {"DOCKSEAL_HOME": "/c"}, "/a"),
        (None, "/b", {"DOCKSEAL_HOME": "/c"}, "/c"),
        (None, "/b", {}, "/b"),
        (None, "", {"XDG_DATA_HOME": "/d"}, "/d/dockseal"),
        (None, "", {"XDG_DATA_HOME": "relative", "HOME": "/h"}, "/h/.local/share/dockseal"),
        (None, "", {"HOME": "/h"}, "/h/.local/share/dockseal"),
    ],
)
def test_the_home_is_the_nearest_wish(asked, configured, environment, home):
    assert str(choose_home(asked, configured, environment).path) == home


def test_a_relative_home_of_the_configuration_lies_beside_its_file(tmp_path):
    assert load(tmp_path, "[home]\npath = 'station'\n").home.path == tmp_path / "station"


def test_every_example_of_the_shipped_patterns_says_what_it_should():
    patterns = load_patterns(SHIPPED_FILE)
    assert [pattern.id for pattern in patterns] == ["dcam", "common", "hisilicon", "well"]
    tree = tomllib.loads(SHIPPED_FILE.read_text("utf-8"))
    assert all(row["examples"] for row in tree["patterns"])


def test_digits_of_other_scripts_are_no_digits_of_a_name():
    well = load_patterns(SHIPPED_FILE)[-1]
    assert well.expression.fullmatch("20140625_111916.avi")
    assert not well.expression.fullmatch("٢٠١٤٠٦٢٥_١١١٩١٦.avi")


GOOD = "[[patterns]]\nid = 'a'\nexpression = '(?P<time>[0-9]{8})'\ntime_format = '%Y%m%d'\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[patterns]]\nid='a'\nexpression='('\n", (3, "patterns.0.expression", "expression")),
        ("[[patterns]]\nid='a'\nexpression='(?P<who>.)'\n", (3, "patterns.0.expression", "group")),
        ("[[patterns]]\nid='a'\nexpression='(?P<time>.)'\n", (1, "patterns.0", "time_format")),
        (GOOD + GOOD, (6, "patterns.1", "pattern_twice")),
        (GOOD + "examples = [\n{name='20260102', number=3}]\n", (5, "patterns.0", "example")),
        (GOOD + "examples = [{name='x'}]\n", (5, "patterns.0", "example")),
        (GOOD + "colour = 'red'\n", (5, "patterns.0.colour", "unknown_key_of")),
        (GOOD + "[[patterns.examples]]\nname='20260102'\ntimes='x'\n",
         (7, "patterns.0.examples.0.times", "unknown_key")),
    ],
)  # fmt: skip
def test_a_mistake_in_the_patterns_is_told_by_key_and_line(tmp_path, text, told):
    file = tmp_path / "names.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_patterns(file)
    assert [(each.line, each.key, each.word) for each in caught.value.mistakes] == [told]


def test_the_patterns_are_the_configured_or_those_beside_the_file_or_the_shipped(tmp_path):
    beside = tmp_path / "names.toml"
    assert patterns_file(load(tmp_path)) == SHIPPED_FILE
    beside.write_text(GOOD)
    assert patterns_file(load(tmp_path)) == beside
    assert patterns_file(load(tmp_path, "[names]\nfile = 'x.toml'\n")) == tmp_path / "x.toml"


def test_the_examples_can_say_all_that_a_pattern_can():
    assert {"maker", "device", "officer", "time", "number", "important"} <= set(
        ExampleRow.model_fields
    )
    assert "time_format" in PatternRow.model_fields
    assert EN.has("mistake.example")
