"""Faults in what tells people that room is short, or that the station is not ready."""

from tests.mutants.fault import Fault

SPACE = "tests/unit/custody/test_space.py"
TALLY = "tests/unit/custody/test_tally.py"
METRICS = "tests/unit/appliance/test_metrics.py"
TEND = "tests/unit/appliance/test_commands_tend.py"

FAULTS = (
    Fault(
        "what is blocked is counted as leaving",
        "custody/tally.py",
        "stays=not codes <= PASSING)",
        "stays=False)",
        (f"{TALLY}::test_what_is_blocked_stays_and_each_reason_counts_it_once",),
        "people wait for room that never comes",
    ),
    Fault(
        "what leaves is counted a day early",
        "custody/tally.py",
        "    day = after // DAY\n",
        "    day = max(after // DAY - 1, 0)\n",
        (f"{TALLY}::test_what_nothing_keeps_and_nothing_forbids_may_go",),
        "the disk is full a day before anybody was told",
    ),
    Fault(
        "a day gives back before it takes",
        "custody/space.py",
        "        room -= per_day\n",
        "        room -= per_day - leaving.get(day, 0)\n",
        (f"{SPACE}::test_a_day_first_takes_and_then_gives_back",),
        "the disk is full in the middle of a day that looked fine",
    ),
    Fault(
        "the reserve counts as room",
        "custody/space.py",
        "        return max(0, self.free - self.reserve)\n",
        "        return self.free\n",
        (f"{SPACE}::test_the_reserve_is_no_room_and_what_leaves_makes_some",),
        "intake stops while days are left by the figures",
    ),
    Fault(
        "a young custody is spread over a week that it has not lived",
        "custody/space.py",
        "min(WEEK_DAYS, max(1, -(-self.age // DAY)))",
        "WEEK_DAYS",
        (f"{SPACE}::test_the_rate_of_a_young_custody_is_that_of_its_days_so_far",),
        "a new station looks as if it had room for months",
    ),
    Fault(
        "nobody is told that room is short",
        "custody/space.py",
        "    raise_alarm(ledger, ALARM, clock.now(), facts)\n",
        "",
        (f"{SPACE}::test_too_few_days_raise_an_alarm_once_a_day",),
        "the disk is full before anybody decided what may go",
    ),
    Fault(
        "a part of the round that fails ends the round",
        "appliance/rounds.py",
        "            self.failed[name] = error\n",
        "            self.failed[name] = error\n            raise\n",
        (f"{TEND}::test_a_catalogue_that_is_down_keeps_no_disposal_waiting",),
        "a broken catalogue hides that room is short",
    ),
    Fault(
        "counters begin again where the catalogue is made anew",
        "vault/figures.py",
        "                max(after, ask.applied),\n",
        "                ask.applied,\n",
        ("tests/unit/vault/test_figures.py::test_a_catalogue_that_is_behind_takes_nothing_back",),
        "what was taken in is counted twice",
    ),
    Fault(
        "metrics are served to everybody",
        "appliance/place.py",
        "    if not local or int(port) > PORT_LIMIT:\n",
        "    if not port or int(port) > PORT_LIMIT:\n",
        (f"{METRICS}::test_any_other_place_is_refused",),
        "whoever is in the network reads them without a sign-in",
    ),
    Fault(
        "a disk that takes no write is no reason",
        "appliance/disk.py",
        '"ro" in fields[-1].split(",")',
        '"ro" in fields[-1].split(";")',
        (f"{METRICS}::test_a_disk_that_went_read_only_is_noticed_by_what_the_kernel_says_of_it",),
        "ready is told of a station that takes nothing in",
    ),
)
