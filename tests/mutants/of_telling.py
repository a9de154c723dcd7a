"""Faults in how alarms reach people: once, again while nobody answers, and never not at all."""

from tests.mutants.fault import Fault

OUTBOX = "tests/unit/custody/test_outbox.py"
ANSWERED = "tests/unit/custody/test_answered.py"
POST = "tests/process/appliance/test_post.py"
TELLING = "tests/process/appliance/test_telling.py"

FAULTS = (
    Fault(
        "what was told is told each minute",
        "custody/outbox.py",
        "    return passed < timedelta() or (repeat > timedelta() and passed >= repeat)\n",
        "    return passed < timedelta() or (repeat > timedelta() and passed > timedelta())\n",
        (
            (
                f"{OUTBOX}::test_an_alarm_raised_a_thousand_times_is_told_once_and_a_day_later"
                "_with_its_number"
            ),
        ),
        "people turn it off, and hear of nothing",
    ),
    Fault(
        "a clock that was set back makes an alarm wait for a year",
        "custody/outbox.py",
        "    return passed < timedelta() or (repeat > timedelta() and passed >= repeat)\n",
        "    return repeat > timedelta() and passed >= repeat\n",
        (f"{OUTBOX}::test_a_clock_that_was_set_back_makes_nothing_wait",),
        "whoever sets the clock back silences the station",
    ),
    Fault(
        "a restored tree is taken for the one that was read",
        "custody/outbox.py",
        "    if not _goes_on(tree, seen):\n",
        "    if tree.size < seen.size:\n",
        (f"{OUTBOX}::test_another_tree_or_an_older_one_is_read_anew",),
        "alarms of another ledger are never told",
    ),
    Fault(
        "what was answered and comes again is old news",
        "custody/outbox.py",
        "if same in seen.open or same in failing}\n",
        "if same in way.told or same in failing}\n",
        (f"{OUTBOX}::test_what_was_answered_and_comes_again_is_told_at_once",),
        "the second time the bytes rot, nobody hears of it for a day",
    ),
    Fault(
        "whatever stands as a code goes out",
        "custody/outbox.py",
        "    code = raised.code if _CODE.fullmatch(raised.code) else",
        "    code = raised.code if _CODE.match(raised.code) else",
        (f"{OUTBOX}::test_a_code_that_is_none_stays_here",),
        "a forged alarm carries a name, or a line of its own, into a mail",
    ),
    Fault(
        "a doubt about bytes is ended by anybody in the audit's eyes",
        "custody/answered.py",
        "        if not (proven and self._is_auditor(entry)):\n",
        "        if not proven:\n",
        (f"{ANSWERED}::test_a_doubt_that_is_ended_by_who_was_no_auditor_is_named",),
        "whoever reaches the socket calls rotten bytes sound, and they go",
    ),
    Fault(
        "a redirect counts as a yes",
        "appliance/post.py",
        '        raise NotSentError("webhook_redirects")\n',
        "        return\n",
        (f"{POST}::test_a_redirect_is_not_followed",),
        "a proxy's login page takes all alarms",
    ),
    Fault(
        "a password that the group can read is used",
        "appliance/secret.py",
        "status.st_mode & 0o077",
        "status.st_mode & 0o007",
        (f"{POST}::test_a_password_that_others_can_read_is_not_used_and_no_server_is_asked",),
        "whoever shares a group signs in as the station",
    ),
    Fault(
        "that a message went is not written down",
        "appliance/telling.py",
        "            unmarked = unmarked or _write(folder, state)\n",
        "            unmarked = unmarked or None\n",
        (f"{TELLING}::test_what_is_open_is_told_once_on_every_way_and_again_a_day_later",),
        "the same mail each minute",
    ),
)
