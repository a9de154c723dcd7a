"""Faults in what people are told: the clock, alarms, weeks, what forbids an end, and by when."""

from tests.mutants.fault import Fault

CLOCKWATCH = "tests/unit/custody/test_clockwatch.py"
OUTSIDE = "tests/unit/custody/test_outside.py"
WEEKS = "tests/unit/custody/test_weeks.py"
RECOUNTED = "tests/unit/custody/test_recounted.py"
ALARMS = "tests/unit/custody/test_alarms.py"
CALENDAR = "tests/unit/custody/test_calendar.py"
KEPT = "tests/unit/custody/test_kept.py"
RETENTION = "tests/unit/custody/test_retention.py"
CLOCK = "tests/tamper/test_clock_insider.py"
CATALOGUE = "tests/tamper/test_catalogue_insider.py"

FAULTS = (
    # --- the clock
    Fault(
        "a clock that was set back is not odd",
        "custody/clockwatch.py",
        "    if local < outside[0]:\n",
        "    if local < outside[0] - AHEAD:\n",
        (
            f"{CLOCKWATCH}::test_a_clock_that_jumped_or_was_set_back_is_odd",
            (
                f"{CLOCK}::test_a_clock_set_back_destroys_nothing_and_the_ledger_takes_no_entry"
                "_until_somebody_says_so"
            ),
        ),
        "footage is sealed into the past, and nobody is told",
    ),
    Fault(
        "a clock that jumped ahead is not odd",
        "custody/clockwatch.py",
        "if local - outside[0] > AHEAD else None\n",
        "if outside[0] - local > AHEAD else None\n",
        (
            f"{CLOCKWATCH}::test_a_clock_that_jumped_or_was_set_back_is_odd",
            f"{CLOCK}::test_a_clock_set_ahead_destroys_nothing_and_raises_an_alarm_once",
        ),
        "somebody tries it, and tries again with two people",
    ),
    Fault(
        "without any time from outside our own clock is enough",
        "custody/clockwatch.py",
        '        raise CustodyError("no_outside_time")\n',
        '        return Now(local, "local")\n',
        (f"{CLOCKWATCH}::test_without_any_outside_time_there_is_no_now",),
        "a clock set a year ahead destroys everything",
    ),
    Fault(
        "an alarm that stands is written at every look",
        "custody/clockwatch.py",
        '        if entry.type == "alarm.raised" and entry.body.get("alarm") == alarm:\n',
        '        if entry.type == "alarm.raised" and entry.body.get("alarm") is alarm.encode():\n',
        (f"{CLOCKWATCH}::test_an_alarm_that_stands_is_written_once_a_day",),
        "the one that matters is among ten thousand",
    ),
    Fault(
        "the first word on a day counts already",
        "custody/outside.py",
        "reversed(shelf.attested) if each.second), None)\n",
        "reversed(shelf.attested)), None)\n",
        (
            f"{OUTSIDE}::test_a_day_counts_once_two_people_have_said_it_from_its_beginning_here",
            f"{CLOCK}::test_one_colluder_who_says_the_day_twice_moves_nothing",
        ),
        "one person alone moves the time of disposal",
    ),
    Fault(
        "a day counts from where Greenwich lies",
        "custody/outside.py",
        "time(), self.zone).astimezone(UTC), ATTESTED\n",
        "time(), UTC).astimezone(UTC), ATTESTED\n",
        (f"{OUTSIDE}::test_the_day_is_that_of_the_station",),
        "west of it, everything goes hours early",
    ),
    Fault(
        "a day that nobody has reached yet is attested",
        "custody/keeping.py",
        "    if day > (keeper.standing.now + _AHEAD).date():\n",
        "    if day > (keeper.standing.now + 400 * _AHEAD).date():\n",
        (
            f"{OUTSIDE}::test_a_day_that_has_begun_nowhere_by_our_clock_is_not_attested",
            f"{CLOCK}::test_two_colluders_without_the_clock_move_time_by_less_than_a_day",
        ),
        "two people say next year, and need no clock",
    ),
    # --- until when
    Fault(
        "a leap over a year ends in the year before",
        "custody/calendar.py",
        "    return date(day.year + years, month + 1, min(day.day, longest))\n",
        "    return date(day.year + min(years, 1), month + 1, min(day.day, longest))\n",
        (f"{CALENDAR}::test_every_day_of_2024_to_2032_ends_where_counting_days_ends",),
        "what is kept for ten years goes after one",
    ),
    Fault(
        "what lies beyond the calendar ends today",
        "custody/calendar.py",
        "    if day.year + years > MAXYEAR:\n        return None\n",
        "    if day.year + years > MAXYEAR:\n        return day\n",
        (f"{CALENDAR}::test_at_the_end_of_the_calendar_there_is_no_end",),
        "the longest keeping is none",
    ),
    Fault(
        "an open gap forbids nothing",
        "custody/retention.py",
        '            yield Blocker("open_gap", ',
        '            Blocker("open_gap", ',
        (f"{KEPT}::test_a_gap_is_somebodys_task_until_its_explanation_is_accepted",),
        "what would have explained the hole goes with it",
    ),
    Fault(
        "a segment that stands in a disposal is free for another",
        "custody/retention.py",
        "    if kept.disposal is not None:\n",
        "    if kept.disposal is not None and kept.alarm is not None:\n",
        (f"{KEPT}::test_a_disposal_under_way_is_in_the_way_of_another",),
        "undone in one list, it goes with the other",
    ),
    Fault(
        "a state secret is as any other",
        "custody/retention.py",
        "    if label is not None and label.secret:\n",
        "    if label is not None and label.secret and not label.complete:\n",
        (f"{KEPT}::test_a_state_secret_is_the_heads_task_until_the_label_says_otherwise",),
        "it is destroyed here although others decide about it",
    ),
    Fault(
        "a word about any sighting is one about all",
        "custody/retention.py",
        "        if sighted.entry in shelf.answered:\n            continue\n",
        "        if shelf.answered:\n            continue\n",
        (f"{KEPT}::test_a_word_about_one_sighting_is_none_about_another",),
        "one word about one film answers for all",
    ),
    Fault(
        "a closing day from long ago is believed",
        "custody/retention.py",
        "    if sealed.day is not None and last < sealed.day:\n",
        "    if sealed.day is not None and last == sealed.day:\n",
        (f"{RETENTION}::test_a_case_that_was_closed_long_ago_shortens_nothing",),
        "one supervisor makes the keeping of a case file vanish",
    ),
    # --- many segments
    Fault(
        "a row about nothing stops the whole list",
        "custody/deciding.py",
        "            except CustodyError:\n                continue  # an",
        "            except CustodyError:\n                raise  # an",
        (f"{CATALOGUE}::test_rows_of_nothing_and_rows_that_stand_twice_stop_nobody",),
        "one false row, and nobody knows any more what is due",
    ),
    Fault(
        "holds are not asked",
        "custody/kept.py",
        "        holds=holds_on(shelf, segment, places, labels),\n",
        "        holds=holds_on(shelf, segment, places, labels)[:0],\n",
        (f"{CATALOGUE}::test_a_held_segment_that_the_catalogue_says_is_over_goes_nowhere",),
        "what is held is destroyed",
    ),
    # --- weeks
    Fault(
        "a week is closed while it runs",
        "custody/weeks.py",
        "    if not found.over:\n",
        "    if found.over and not found.over:\n",
        (f"{WEEKS}::test_a_week_that_is_not_over_cannot_be_closed",),
        "a sheet says that nothing is missing, on Wednesday",
    ),
    Fault(
        "a week is closed again and again",
        "custody/weeks.py",
        '    if found.state == "closed":\n',
        '    if found.state == "shut":\n',
        (f"{WEEKS}::test_a_week_that_nothing_was_added_to_is_not_closed_twice",),
        "nobody knows which sheet counts",
    ),
    Fault(
        "a late docking leaves the week closed",
        "custody/closings.py",
        "    return min((each.came for each in brought if each.came >= size), default=None)\n",
        "    return min((each.came for each in brought if each.came < 0), default=None)\n",
        (
            f"{WEEKS}::test_a_late_docking_with_footage_of_the_week_reopens_it_and_nothing_is_edited",
        ),
        "what came after the sheet was printed is missed by nobody",
    ),
    Fault(
        "a week closes up to what was written, not up to what was seen",
        "custody/closings.py",
        "    size = closings[-1].size\n",
        "    size = closings[-1].entry\n",
        (f"{WEEKS}::test_what_is_docked_while_the_week_is_being_closed_reopens_it",),
        "what is docked in that second counts nowhere",
    ),
    Fault(
        "what does not fit on the sheet is left out without a word",
        "custody/closings.py",
        '        "more": len(week.missing) - len(told),\n',
        '        "more": len(week.missing) - len(week.missing),\n',
        (f"{WEEKS}::test_what_does_not_fit_into_the_entry_is_counted",),
        "a hundred recorders are missing, and the hundred and first is not",
    ),
    Fault(
        "a recorder that did not come back is not missing",
        "custody/astray.py",
        "        overdue = asked.at > shift_end(stay.since, stay, asked.hours)\n",
        "        overdue = asked.at < stay.since\n",
        (f"{WEEKS}::test_recorders_that_were_handed_out_and_did_not_come_back_are_named",),
        "the one recording that mattered is still out there",
    ),
    Fault(
        "a recorder that was docked too early is settled",
        "custody/astray.py",
        "    if any(docked is None or docked < _last_use(each, asked) for each in carried):\n",
        "    if any(docked is None for each in carried):\n",
        (f"{WEEKS}::test_one_that_was_docked_before_its_last_use_may_hold_more",),
        "docked at noon, used in the evening, and nobody asks",
    ),
    Fault(
        "a docking that was cut is settled",
        "custody/astray.py",
        '        if visit.outcome == "complete":\n',
        '        if visit.outcome != "left_behind":\n',
        (f"{WEEKS}::test_a_docking_that_did_not_take_in_all_is_named_until_one_does",),
        "half a card counts as a card",
    ),
    Fault(
        "footage belongs to the day that its clock says, whatever that is",
        "custody/brought.py",
        "    if claimed is None or docked.ahead or not CLOCKS.isdisjoint(noted(sighting.body)):\n",
        "    if claimed is None:\n",
        (f"{WEEKS}::test_footage_of_a_clock_that_tells_nothing_counts_in_the_week_of_its_sealing",),
        "a recorder of 2015 fills no week that anybody looks at",
    ),
    Fault(
        "late is what comes after midnight",
        "custody/isoweeks.py",
        "    if out is not None and out.due is not None:\n        return out.due\n",
        "",
        (f"{WEEKS}::test_a_handover_that_is_due_ends_the_shift",),
        "every night shift is late, so nobody reads the list",
    ),
    Fault(
        "the audit takes the figures of a closing as they are told",
        "custody/recounted.py",
        "            faults = self._recount(entry, self._recorders)\n",
        "            self._recount(entry, self._recorders)\n",
        (f"{RECOUNTED}::test_a_figure_that_is_not_so_is_named",),
        "whoever reaches the socket closes weeks with nothing missing",
    ),
    Fault(
        "the audit lets anybody close a week",
        "custody/recounted.py",
        "        if roles_over(register, entry.actor, unit, entry.at).isdisjoint(CLOSERS):\n",
        "        if not roles_over(register, entry.actor, unit, entry.at):\n",
        (f"{RECOUNTED}::test_a_closing_by_somebody_without_the_role_is_named",),
        "who is supervised closes the week",
    ),
    Fault(
        "a time alone tells that nothing older is asked for",
        "custody/visits.py",
        "        return max((entry.at, *hidden)) < self.since\n",
        "        return entry.at < self.since and hidden is not None\n",
        (
            f"{WEEKS}::test_what_was_docked_before_our_own_clock_was_set_back_for_a_while_is_in_its_week",
        ),
        "an hour with a wrong clock hides the days before it",
    ),
    Fault(
        "a recorder that is handed to another unit stands in no kit of theirs",
        "custody/tenure.py",
        "    return () if any(each.unit == unit for each in stays) else (kit_id(ledger, unit),)\n",
        "    return () if stays or unit == '' else (kit_id(ledger, unit),)\n",
        (
            f"{WEEKS}::test_a_recorder_stands_in_the_kit_of_a_unit_once_however_often_it_is_handed_out",
        ),
        "a recorder that was lent is nobody's, week after week",
    ),
    # --- alarms
    Fault(
        "an answer answers what comes after it too",
        "custody/raised.py",
        "        if same in known and known[same].newest <= told.alarm:\n",
        "        if same in known:\n",
        (f"{ALARMS}::test_an_answer_to_an_older_alarm_leaves_the_newer_one_standing",),
        "the second time the bytes rot, nobody is told",
    ),
    Fault(
        "a shallow audit says that bytes are sound",
        "custody/raised.py",
        '    if audit.type != "audit.done" or audit.body.get("level") not in WHOLE:\n',
        '    if audit.type != "audit.done":\n',
        (f"{ALARMS}::test_that_bytes_are_sound_says_an_auditor_alone_after_an_audit",),
        "nobody has read them, and they are destroyed as sound",
    ),
    Fault(
        "an audit from before the alarm says that bytes are sound",
        "custody/raised.py",
        '    return clean and fields.integer(audit.body, "size") > alarm\n',
        '    return clean and fields.integer(audit.body, "size") > 0\n',
        (f"{ALARMS}::test_that_bytes_are_sound_says_an_auditor_alone_after_an_audit",),
        "last week's answer to today's question",
    ),
    Fault(
        "anybody says that bytes are sound",
        "custody/alarms.py",
        '    act: Does = "clear_alarm" if clears else _act(alarm)\n',
        "    act: Does = _act(alarm)\n",
        (f"{ALARMS}::test_that_bytes_are_sound_says_an_auditor_alone_after_an_audit",),
        "who wants them gone clears the way",
    ),
    Fault(
        "an alarm that the catalogue invents is shown",
        "custody/alarms.py",
        "    if not (_says(newest, raised.same) and _says(first, raised.same)):\n",
        "    if not newest:\n",
        (f"{ALARMS}::test_a_catalogue_that_calls_something_else_an_alarm_is_not_believed",),
        "who has the catalogue's password tells people what they like",
    ),
    Fault(
        "an alarm of the box waits for the catalogue",
        "custody/alarms.py",
        "        if same not in told or told[same].newest < each.newest:\n",
        "        if same in told and told[same].newest < each.newest:\n",
        (
            (
                f"{ALARMS}"
                "::test_an_alarm_of_the_box_stands_even_where_the_catalogue_knows_of_none_or_an_old_one"
            ),
        ),
        "the clock is wrong, and a row less hides it",
    ),
    Fault(
        "words about what is gone get a new key",
        "custody/alarms.py",
        "    except (UnknownSegmentError, CustodyError):\n        return False\n",
        "    except (UnknownSegmentError, CustodyError):\n        return True\n",
        (f"{ALARMS}::test_of_what_is_gone_no_word_is_written_that_would_get_a_new_key",),
        "names come back under what was destroyed",
    ),
)
