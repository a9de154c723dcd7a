"""One round of telling people, over a real tree, a real child and real servers."""

import contextlib
import fcntl
import json
import signal
import subprocess
import sys
import time
from datetime import timedelta
from email.utils import parseaddr

import pytest

from appliance import telling
from appliance.settings import load_settings
from appliance.telling import tell
from appliance.told_state import NAME, read_state
from custody.outbox import FAILING, LAST_PAUSE, Way
from evidence.entry import Draft
from evidence.errors import NoSpaceError, VaultUnavailableError
from evidence.keeping import KEEPING, same_alarm
from tests.fakes.clock import NOON
from tests.fakes.hook import Hook
from tests.fakes.house import House
from tests.fakes.mailserver import MailServer
from tests.process.appliance.documented import undocumented, unshown

S, P = "s:" + "a" * 64, "p:" + "c" * 32
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MAIL = """
mail_to = "duty@bureau.example, head@bureau.example"
mail_from = "dock@bureau.example"
smtp_host = "127.0.0.1"
smtp_tls = "none"
"""


class Station:
    """A home with a ledger, and its configuration."""

    def __init__(self, folder):
        self.folder, self.home = folder, folder / "home"
        self.house = House(self.home)
        self.ways = {}

    def raised(self, *about, code="slice_differs", **facts):
        body = {"alarm": code, "facts": facts}
        draft = Draft("alarm.raised", "sys:ingest", about, body)
        return self.house.ledger.append([draft]).indexes[0]

    def answer(self, entry):
        raised = self.house.ledger.entry(entry)
        body = {"alarm": entry, "same": same_alarm(raised.body["alarm"], raised.about)}
        body |= {"answer": "known", "audit": None}
        self.house.ledger.append([Draft("alarm.acknowledged", P, (KEEPING,), body)])

    @property
    def file(self):
        file = self.folder / "appliance.toml"
        station = '[station]\nlanguage = "en"\norganisation = "house.example"\n[alarms]\n'
        lines = [station, *self.ways.values()]
        file.write_text("".join(lines), "utf-8")
        return file

    @property
    def settings(self):
        return load_settings(str(self.file), str(self.home), {})

    def mail(self, server):
        self.ways["mail"] = f"{MAIL}smtp_port = {server.port}\n"

    def webhook(self, server):
        self.ways["webhook"] = f'webhook_url = "{server.url}"\n'

    def tell(self, now=NOON):
        return [(w.way, w.alarms, w.because) for w in tell(self.settings, now).went]


@pytest.fixture
def station(tmp_path):
    made = Station(tmp_path)
    yield made
    made.house.close()


@pytest.fixture
def mail(station):
    with MailServer().running() as server:
        station.mail(server)
        yield server


@pytest.fixture
def hook(station):
    with Hook().running() as server:
        station.webhook(server)
        yield server


def codes(hook):
    return [each["code"] for _, _, document, _ in hook.calls for each in document["alarms"]]


def test_what_is_open_is_told_once_on_every_way_and_again_a_day_later(station, mail, hook):
    for _ in range(3):
        entry = station.raised(S)
    assert station.tell() == [("mail", 1, None), ("webhook", 1, None)]
    assert station.tell(NOON + HOUR) == []
    assert station.tell(NOON + DAY) == [("mail", 1, None), ("webhook", 1, None)]
    assert len(mail.mails) == len(hook.calls) == 2
    document = hook.calls[0][2]
    (alarm,) = document["alarms"]
    at = alarm.pop("at")
    assert alarm == {
        "code": "slice_differs", "entry": entry, "first": entry - 2, "count": 3, "subjects": [S],
    }  # fmt: skip
    assert at.endswith("Z")
    assert (document["station"], document["test"], document["more"]) == ("station-1", False, 0)
    station.answer(entry)
    assert station.tell(NOON + 2 * DAY) == []


def test_a_message_gives_away_no_fact_no_person_and_no_place(station, mail, hook):
    station.raised(S, P, KEEPING, where="/media/unmistakable", officer="Unmistakable Li")
    station.tell()
    (_, _, message), (_, _, _, body) = mail.mails[0], hook.calls[0]
    for text in (message.get_content(), body.decode(), message.as_string()):
        assert "nmistakable" not in text
        assert P not in text
        assert str(station.home) not in text
        assert "bureau.example" not in body.decode()
    assert S in message.get_content()
    assert parseaddr(str(message["From"]))[1] == "dock@bureau.example"


@pytest.mark.usefixtures("hook")
def test_nothing_but_the_public_tree_is_read(station):
    station.raised(S)
    station.house.close()
    for each in station.home.iterdir():
        if each.name != "ledger":
            each.rename(station.folder / each.name)
    assert station.tell() == [("webhook", 1, None)]


def test_a_mark_that_cannot_be_written_tells_twice_and_never_not_at_all(station, mail, monkeypatch):
    station.raised(S)
    writes = []

    def dies(folder, state):
        writes.append(state)
        if len(writes) == 2:  # the message is out, and nobody wrote it down
            raise VaultUnavailableError("planted")
        return keep(folder, state)

    keep = telling.write_state
    monkeypatch.setattr(telling, "write_state", dies)
    with pytest.raises(VaultUnavailableError):
        station.tell()
    assert station.tell(NOON + timedelta(seconds=1)) == [("mail", 1, None)]
    first, second = (message["Message-ID"] for _, _, message in mail.mails)
    assert first == second, "who got it twice can tell"
    assert station.tell(NOON + HOUR) == []


def test_on_a_full_disk_people_are_told_once_an_hour_and_not_each_minute(
    station, hook, monkeypatch
):
    def full(folder, state):
        del state
        raise NoSpaceError("no_space", path=str(folder))

    station.raised(S)
    with monkeypatch.context() as patched:
        patched.setattr(telling, "write_state", full)
        for minutes in (0, 1, 30, 59):
            with pytest.raises(NoSpaceError):
                station.tell(NOON + timedelta(minutes=minutes))
        assert len(hook.calls) == 1
        with pytest.raises(NoSpaceError):
            station.tell(NOON + HOUR)
        with pytest.raises(NoSpaceError):
            station.tell(NOON - DAY)  # set back: nothing waits for a time that is far away
        assert len(hook.calls) == 3
    assert station.tell(NOON + 2 * HOUR) == [("webhook", 1, None)]
    assert station.tell(NOON + 3 * HOUR) == []


@pytest.mark.usefixtures("hook")
@pytest.mark.parametrize("spoilt", ["", "{", "[]", '{"version": 2}', '{"version": 1, "seen": 3}'])
def test_a_mark_that_is_lost_or_spoilt_tells_everything_open_again(station, spoilt):
    station.raised(S)
    station.tell()
    mark = station.home / "alarms" / NAME
    assert mark.stat().st_mode & 0o007 == 0
    mark.write_text(spoilt)
    assert station.tell(NOON + HOUR) == [("webhook", 1, None)]


def test_of_two_senders_at_once_one_sends(station, hook):
    station.raised(S)
    station.tell()
    station.raised(KEEPING)
    with (station.home / "alarms" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert tell(station.settings, NOON + HOUR).busy
        assert len(hook.calls) == 1
    assert station.tell(NOON + HOUR) == [("webhook", 1, None)]


@pytest.mark.usefixtures("hook")
def test_a_server_that_never_ends_its_answer_holds_nobody_and_the_other_way_is_told(
    station, monkeypatch
):
    monkeypatch.setattr(telling, "DEADLINE_S", 1.0)
    station.raised(S)
    with MailServer("dribble").running() as server:
        station.mail(server)
        assert station.tell() == [("mail", 1, "way_hangs"), ("webhook", 1, None)]


def test_a_way_that_fails_pauses_is_told_on_the_other_and_delivers_in_the_end(station, hook):
    station.raised(S)
    with MailServer("drop").running() as server:
        station.mail(server)
        now = NOON
        for number in range(FAILING):
            assert ("mail", 1, "mail_lost") in station.tell(now)
            assert station.tell(now) == []
            assert read_state(station.home / "alarms").ways["mail"].failures == number + 1
            now += LAST_PAUSE
        assert codes(hook) == ["slice_differs", "mail_failing"]
        assert hook.calls[-1][2]["alarms"][0]["entry"] is None
    with MailServer().running() as server:
        station.mail(server)
        now += LAST_PAUSE
        assert station.tell(now) == [("mail", 1, None)]
        assert len(server.mails) == 1
    assert read_state(station.home / "alarms").ways["mail"].failures == 0
    station.tell(now)
    assert "way:mail" not in read_state(station.home / "alarms").ways["webhook"].told


def test_a_child_that_breaks_is_a_way_that_did_not_go(station, hook, monkeypatch):
    station.raised(S)
    for command in ([sys.executable, "-c", "print('hm')"], ["/nonexistent"]):
        with monkeypatch.context() as patched:
            patched.setattr(telling, "our_module", lambda *_, told=command: told)
            patched.setattr(telling, "read_state", lambda _: telling.State())
            assert station.tell() == [("webhook", 1, "way_broke")]
    assert hook.calls == []


def test_a_home_without_a_ledger_says_so(tmp_path):
    (tmp_path / "home").mkdir()
    settings = load_settings(None, str(tmp_path / "home"), {})
    with pytest.raises(VaultUnavailableError, match="checkpoint_missing"):
        tell(settings, NOON)


def test_a_folder_that_cannot_be_written_says_so(station):
    (station.home / "alarms").write_text("a file")
    with pytest.raises(VaultUnavailableError, match="vault_io"):
        station.tell()


# --- the command


def dockseal(station, *arguments):
    """The command line of a command of ours."""
    command = [sys.executable, "-c", "import sys; from appliance.cli import main; sys.exit(main())"]
    options = ["--config", str(station.file), "--home", str(station.home)]
    return [*command, *options, *arguments]


def run(station, *arguments):
    done = subprocess.run(
        [*dockseal(station, "alarms", "send", *arguments), "--json"],
        check=False,
        capture_output=True,
        text=True,
    )
    return done.returncode, json.loads(done.stdout)


def test_the_command_tells_what_went_and_ends_in_1_where_something_did_not(station, mail, hook):
    station.raised(S)
    code, document = run(station)
    assert code == 0
    assert document["sent"] == [
        {"way": "mail", "alarms": 1, "because": None, "refused": 0},
        {"way": "webhook", "alarms": 1, "because": None, "refused": 0},
    ]
    assert undocumented("alarms send", document) == []
    assert unshown("alarms send", [document]) == []
    station.raised(KEEPING, code="clock_ahead")
    hook.status = 500
    code, document = run(station)
    assert code == 1
    assert [each["because"] for each in document["sent"]] == [None, "webhook_answered 500"]
    assert len(mail.mails) == 2


def test_a_test_goes_on_every_way_and_is_remembered_on_none(station, mail, hook):
    assert run(station, "--test")[0] == 0
    assert "test" in mail.mails[0][2]["Subject"]
    assert hook.calls[0][2]["test"] is True
    assert read_state(station.home / "alarms").ways == {}


def test_without_a_way_there_is_nothing_to_send(station):
    code, document = run(station)
    assert (code, document["error"]["word"]) == (2, "no_way")


@pytest.mark.parametrize("how", [("alarms", "send", "--follow"), ("up", "--watch")])
def test_who_follows_sends_and_ends_when_told_to_also_as_a_part_of_up(station, hook, how):
    station.raised(S)
    station.house.close()
    watched = [str(station.folder / "slot")] if how[-1] == "--watch" else []
    command = dockseal(station, *how, *watched)
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 30
        while not hook.calls and time.monotonic() < until:
            time.sleep(0.05)
        child.send_signal(signal.SIGTERM)
        assert child.wait(timeout=30) == 0
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
    assert codes(hook) == ["slice_differs"]
    assert read_state(station.home / "alarms").ways["webhook"] != Way()
