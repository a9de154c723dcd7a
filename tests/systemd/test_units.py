"""What ``make install`` writes is valid for systemd, fenced, and erases nothing."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.systemd.rules import read_rules

NEEDS = ("systemd-analyze",)

ROOT = Path(__file__).parent.parent.parent
# Each with how far it may be open: tenths, of 100; an unfenced service has 96.
UNITS = {
    "dockseal-up": 20,
    "dockseal-ledger": 20,
    "dockseal-slot@3": 20,
    "dockseal-audit": 20,
    "dockseal-api": 25,  # it has the network
    "dockseal-keeper": 20,
    "dockseal-metrics": 20,
    "dockseal-alarms": 25,  # it has the network
}
EXPOSURE_LIMIT = 25
DEVICES = {"dockseal-up", "dockseal-slot@3"}  # that may read some
NETWORK = {"dockseal-api", "dockseal-metrics", "dockseal-alarms"}


def run(*command, **environment):
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed")
    code, said = run("make", "install", f"prefix={folder}/usr", f"sysconfdir={folder}/etc")
    assert code == 0, said
    return folder


def verify(folder):
    """Return what systemd says of the units in a folder: nothing, when all is well."""
    units = folder / "usr/lib/systemd/system"
    names = [str(path) for path in sorted(units.glob("*.*")) if path.is_file()]
    return run("systemd-analyze", "verify", "--man=no", *names, SYSTEMD_UNIT_PATH=f"{units}:")


def copy(installed, tmp_path):
    return shutil.copytree(installed, tmp_path / "copy")


def test_systemd_finds_nothing_to_say_about_the_units(installed):
    assert verify(installed) == (0, "")


def test_a_misspelt_directive_would_be_found(installed, tmp_path):
    folder = copy(installed, tmp_path)
    unit = folder / "usr/lib/systemd/system/dockseal-up.service"
    unit.write_text(unit.read_text().replace("TimeoutStopSec", "TimeoutStopSek"))
    assert "TimeoutStopSek" in verify(folder)[1]


def test_a_program_that_is_not_there_would_be_found(tmp_path):
    code, said = run("make", "install", f"prefix={tmp_path}/usr", f"sysconfdir={tmp_path}/etc")
    assert code == 0, said
    (tmp_path / "usr/bin/dockseal").unlink()
    assert "dockseal" in verify(tmp_path)[1]


@pytest.mark.parametrize("unit", UNITS)
def test_every_service_has_no_more_power_than_it_needs(installed, unit):
    path = f"{installed}/usr/lib/systemd/system:"
    code, said = run(
        "systemd-analyze", "security", "--offline=true", f"--threshold={UNITS[unit]}",
        "--no-pager", f"{unit}.service", SYSTEMD_UNIT_PATH=path,
    )  # fmt: skip
    assert code == 0, said


def judged(installed, unit):
    """What systemd makes of a unit with all that is beside it: {setting: whether it protects}."""
    path = f"{installed}/usr/lib/systemd/system:"
    code, said = run(
        "systemd-analyze", "security", "--offline=true", "--no-pager", "--json=short",
        f"{unit}.service", SYSTEMD_UNIT_PATH=path,
    )  # fmt: skip
    assert code == 0, said
    return {each["name"].rstrip("="): each["set"] for each in json.loads(said)}


@pytest.mark.parametrize("unit", UNITS)
def test_only_dockings_see_devices_and_only_who_answers_sees_the_network(installed, unit):
    found = judged(installed, unit)
    assert found["PrivateDevices"] is (unit not in DEVICES)
    assert found["PrivateNetwork"] is (unit not in NETWORK)
    assert found["ProtectSystem"]
    assert found["NoNewPrivileges"]


def test_every_installed_service_is_among_those_that_are_checked(installed):
    names = {path.name for path in (installed / "usr/lib/systemd/system").glob("*.service")}
    assert names == {f"{unit.replace('@3', '@')}.service" for unit in UNITS}


def test_who_can_be_reached_from_the_network_has_no_keys_and_changes_nothing_in_custody(installed):
    unit = (installed / "usr/lib/systemd/system/dockseal-api.service").read_text()
    assert "InaccessiblePaths=-/var/lib/dockseal/private" in unit
    closed = re.findall(
        r"-/var/lib/dockseal/(\w+)", "".join(re.findall(r"ReadOnlyPaths=(.*)", unit))
    )
    assert set(closed) == {"vault", "ledger", "vkey", "tls", "run"}


def settings(installed, unit):
    """Return every setting of a unit and of its own files, in the order in which they are read."""
    units = installed / "usr/lib/systemd/system"
    files = [units / f"{unit}.service", *sorted((units / f"{unit}.service.d").glob("*.conf"))]
    return [line for file in files for line in file.read_text().splitlines() if "=" in line]


def test_the_keeper_may_write_the_vault_and_has_no_keys(installed):
    told = settings(installed, "dockseal-keeper")
    assert "InaccessiblePaths=-/var/lib/dockseal/private" in told
    assert "ReadOnlyPaths=/var/lib/dockseal" in told
    (writable,) = [line for line in told if line.startswith("ReadWritePaths=")]
    assert writable.split("=")[1].split() == [
        "-/var/lib/dockseal/vault", "-/var/lib/dockseal/run"
    ]  # fmt: skip
    assert judged(installed, "dockseal-keeper")["PrivateNetwork"]


def test_who_only_looks_has_no_keys_writes_beside_its_socket_and_hears_this_machine_alone(
    installed,
):
    told = settings(installed, "dockseal-metrics")
    assert any("-/var/lib/dockseal/private" in line for line in told if "Inaccessible" in line)
    assert "ReadOnlyPaths=/var/lib/dockseal" in told
    (writable,) = [line for line in told if line.startswith("ReadWritePaths=")]
    assert writable == "ReadWritePaths=-/var/lib/dockseal/run"
    assert [line for line in told if line.startswith("IPAddress")] == ["IPAddressAllow=localhost"]
    fence = installed / "usr/lib/systemd/system/dockseal-.service.d/10-fence.conf"
    assert "IPAddressDeny=any" in fence.read_text()


def test_who_reaches_out_sees_of_the_home_only_what_names_nobody(installed):
    told = settings(installed, "dockseal-alarms")
    hidden = [line.split("=")[1] for line in told if line.startswith("InaccessiblePaths=")]
    assert {each.rpartition("/")[2] for each in " ".join(hidden).split()} == {
        "private", "tls", "vault", "catalogue.sqlite", "accounts.sqlite", "meter", "run",
    }  # fmt: skip
    assert "ReadOnlyPaths=/var/lib/dockseal" in told
    (writable,) = [line for line in told if line.startswith("ReadWritePaths=")]
    assert writable == "ReadWritePaths=-/var/lib/dockseal/alarms"
    made = (ROOT / "systemd/tmpfiles.conf").read_text()
    assert "d /var/lib/dockseal/alarms 0750 dockseal dockseal -" in made


def test_what_has_no_network_does_not_try_to_reach_out(installed):
    ways = "Environment=DOCKSEAL_ALARMS_MAIL_TO= DOCKSEAL_ALARMS_WEBHOOK_URL="
    assert ways in settings(installed, "dockseal-up")


def test_the_keeper_goes_its_round_before_the_audit_looks(installed):
    units = installed / "usr/lib/systemd/system"
    keeper, audit = ((units / f"dockseal-{name}.timer").read_text() for name in ("keeper", "audit"))
    at = [re.search(r"OnCalendar=\*-\*-\* (\d\d:\d\d)", text)[1] for text in (keeper, audit)]
    assert at == sorted(at)
    assert at[0] != at[1]
    assert "Persistent=yes" in keeper


def test_alert_rules_are_installed_as_they_were_tested(installed):
    assert (installed / "etc/dockseal/alerts.yml").read_text() == (
        ROOT / "config/alerts.yml"
    ).read_text()


def test_a_service_without_the_fence_is_found_to_be_open(installed, tmp_path):
    folder = copy(installed, tmp_path)
    units = folder / "usr/lib/systemd/system"
    (units / "dockseal-.service.d/10-fence.conf").unlink()
    code, _ = run(
        "systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE_LIMIT}",
        "--no-pager", "dockseal-up.service", SYSTEMD_UNIT_PATH=f"{units}:",
    )  # fmt: skip
    assert code != 0


def test_where_hostile_bytes_are_read_the_keys_are_not_at_hand(installed):
    slot = (installed / "usr/lib/systemd/system/dockseal-slot@.service").read_text()
    assert "InaccessiblePaths=-/var/lib/dockseal/private" in slot


def test_no_placeholder_is_left_in_an_installed_file(installed):
    texts = [path.read_text() for path in installed.rglob("*") if path.is_file()]
    assert not [text for text in texts if re.search(r"@[a-z]+dir@", text)]


def test_the_installed_configuration_names_the_home_of_the_services(installed):
    assert 'path = "/var/lib/dockseal"' in (installed / "etc/dockseal/appliance.toml").read_text()


def test_a_configuration_that_is_there_is_not_written_over(tmp_path):
    mine = tmp_path / "etc/dockseal/appliance.toml"
    mine.parent.mkdir(parents=True)
    mine.write_text("# mine\n")
    code, said = run("make", "install", f"DESTDIR={tmp_path}")
    assert code == 0
    assert mine.read_text() == "# mine\n"
    assert "stays as it is" in said


def test_with_destdir_nothing_lands_beside_it_and_no_path_knows_it(tmp_path):
    code, said = run("make", "install", f"DESTDIR={tmp_path}")
    assert code == 0, said
    assert {path.name for path in tmp_path.iterdir()} == {"etc", "usr"}
    texts = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    assert not [text for text in texts if str(tmp_path) in text]


@pytest.mark.parametrize("program", ["bin/dockseal", "libexec/dockseal-ledger"])
def test_without_the_program_the_command_says_what_to_do(installed, program):
    code, said = run(str(installed / "usr" / program), "list")
    assert code == 70
    assert "make install-program" in said


def test_the_udev_rules_run_nothing_and_ask_nobody_to_mount(installed):
    rules = read_rules((installed / "usr/lib/udev/rules.d/60-dockseal.rules").read_text())
    tokens = [token for rule in rules for token in rule]
    assert [token for token in tokens if (token.name, token.value) == ("UDISKS_IGNORE", "1")]
    assert [token for token in tokens if token.key == "MODE"] == [
        token for token in tokens if token.value == "0440"
    ]


@pytest.mark.parametrize(
    "rule",
    [
        'ACTION=="add", RUN+="/usr/bin/wipe"',
        'IMPORT{program}="/usr/bin/ask"',
        'ACTION="add"',
        'ENV="x"',
        'GOTO="nowhere"',
        "SYMLINK+=dockseal",
    ],
)
def test_a_rule_that_runs_a_program_or_is_misspelt_is_refused(rule):
    with pytest.raises(ValueError, match=r"line 1|nowhere"):
        read_rules(rule)
