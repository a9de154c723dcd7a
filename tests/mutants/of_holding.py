"""Faults in holds and in what takes two people: each lets one person alone, or the wrong one."""

from tests.mutants.fault import Fault

SHELF = "tests/unit/custody/test_shelf.py"
HOLDS = "tests/unit/custody/test_holds.py"
MARKS = "tests/unit/custody/test_marks.py"
OUTSIDE = "tests/unit/custody/test_outside.py"
CLOCKWATCH = "tests/unit/custody/test_clockwatch.py"
ADOPTING = "tests/unit/custody/test_adopting.py"
CASES = "tests/unit/custody/test_cases.py"
SECONDS = "tests/unit/custody/test_seconds.py"
COMMANDS = "tests/unit/appliance/test_commands_keep.py"

FAULTS = (
    Fault(
        "one person proposes a release and releases",
        "custody/shelf.py",
        "    if draft.ledger.entry(proposed).actor != entry.actor:\n",
        "    if draft.ledger.entry(proposed).actor:\n",
        (f"{SHELF}::test_a_release_by_who_proposed_it_releases_nothing",),
        "a thief of one password ends every hold",
    ),
    Fault(
        "a pack holds that its own author adopts",
        "custody/shelf.py",
        "    if proposal.by == entry.actor:\n",
        "    if not proposal.by:\n",
        (f"{SHELF}::test_a_pack_that_its_own_author_adopts_does_not_hold",),
        "one person alone says how long things are kept",
    ),
    Fault(
        "one person who says a day twice is two people",
        "custody/shelf.py",
        "first.day == day and first.by != by\n",
        "first.day == day\n",
        (f"{SHELF}::test_one_person_who_says_a_day_twice_attests_nothing",),
        "one person alone moves the time of disposal",
    ),
    Fault(
        "a hold that was released is forgotten by what it names",
        "custody/shelf.py",
        "        draft.catching[name] = (*draft.catching.get(name, ()), hold)\n",
        "        draft.catching[name] = (hold,)\n",
        (f"{SHELF}::test_holds_are_found_by_what_they_name_also_when_released",),
        "of two holds on one segment only one keeps it",
    ),
    Fault(
        "who proposed a release may release",
        "custody/holds.py",
        "    own = _is_own(keeper, proposed)\n",
        "    own = False\n",
        (f"{HOLDS}::test_who_proposed_a_release_does_not_release",),
        "the second person is the first",
    ),
    Fault(
        "a hold is ended by a role over a part of what it catches",
        "custody/holds.py",
        "    return over_scope(keeper.standing, hold.scope, every=True)\n",
        "    return over_scope(keeper.standing, hold.scope, every=False)\n",
        (
            f"{HOLDS}::test_a_hold_on_a_case_without_footage_is_ended_over_the_whole_organisation",
            f"{HOLDS}::test_a_recorder_that_changed_hands_is_nobodys_own_and_led_by_either_unit",
        ),
        "a unit gives up what another one needs",
    ),
    Fault(
        "whom a complaint is about reads who complained",
        "custody/holds.py",
        "    return hold.by == keeper.person or (leads and keeper.may(",
        "    return hold.by == keeper.person or (keeper.may(",
        (f"{HOLDS}::test_the_private_words_are_not_for_whom_it_is_about",),
        "the name of who complained",
    ),
    Fault(
        "a hold on one segment answers a question about two",
        "custody/marks.py",
        "    if not (of_case or caught.issuperset(_segments_of(keeper.desk.ledger, waiting))):\n",
        "    if not (of_case or caught & {*_segments_of(keeper.desk.ledger, waiting)}):\n",
        (f"{MARKS}::test_a_hold_on_all_that_was_asked_for_or_on_its_case_answers_a_proposal",),
        "what a complaint needs is destroyed although somebody seems to have decided",
    ),
    Fault(
        "a case closes that is led in part only",
        "custody/cases.py",
        '    keeper.allow("close_case", over_case(keeper.standing, case, every=True), (case,))\n'
        "    if case in keeper.shelf.closed:\n",
        '    keeper.allow("close_case", over_case(keeper.standing, case, every=False), (case,))\n'
        "    if case in keeper.shelf.closed:\n",
        (f"{CASES}::test_a_case_of_two_units_is_closed_from_above_both",),
        "one unit gives the footage of another an end",
    ),
    Fault(
        "disposal believes the later of two clocks",
        "custody/clockwatch.py",
        '    return Now(local, "local") if local < at else Now(at, source)\n',
        '    return Now(local, "local") if local > at else Now(at, source)\n',
        (f"{CLOCKWATCH}::test_no_clock_of_ours_makes_disposal_later_than_the_outside_says",),
        "a clock set a year ahead destroys everything",
    ),
    Fault(
        "who proposed a pack may adopt it",
        "custody/adopting.py",
        "asker=proposal.by == keeper.person)",
        "asker=False)",
        (f"{ADOPTING}::test_who_proposed_it_does_not_adopt_it",),
        "the second person is the first",
    ),
    Fault(
        "an audit does not see that two were one",
        "custody/seconds.py",
        "        elif first.actor == entry.actor:\n",
        "        elif not first.actor:\n",
        (f"{SECONDS}::test_one_who_was_both_is_named_with_their_first_word",),
        "a forged second word stays unseen",
    ),
    Fault(
        "an officer is told who asked for their footage",
        "custody/deciding.py",
        '        if not refusals("see_request", over):\n',
        '        if refusals("see_request", over):\n',
        (f"{COMMANDS}::test_that_somebody_asked_is_told_to_heads_and_auditors_only",),
        "a complaint is known to whom it is about",
    ),
)
