"""Faults where keeping is asked for over HTTP: words, tickets and ids of others."""

from tests.mutants.fault import Fault

HOLDS = "tests/api/test_holds.py"
DISPOSALS = "tests/api/test_disposals.py"
ALARMS = "tests/api/test_alarms.py"
KEEPING = "tests/api/test_keeping.py"
LISTS = "tests/unit/custody/test_disposal_list.py"
DECIDING = "tests/unit/custody/test_deciding.py"

FAULTS = (
    Fault(
        "the words of a hold are told to whoever may know of it",
        "api/holds.py",
        "    statement = keeper.desk.ledger.statement(hold.entry) if may_read(keeper, hold) else",
        "    statement = keeper.desk.ledger.statement(hold.entry) if hold else",
        (
            f"{HOLDS}::test_the_words_of_a_hold_are_for_who_leads_there_and_not_for_whom_it_is_about",
        ),
        "an officer reads who complained about them",
    ),
    Fault(
        "a mark of others is answered, or told apart from what is none",
        "api/holds.py",
        "    if not segments or not all(map(listing.may, segments)):\n",
        "    if not segments:\n",
        (f"{HOLDS}::test_an_entry_of_others_waits_for_nothing_as_one_that_is_not_there",),
        "entries are tried out one by one",
    ),
    Fault(
        "a ticket of one person serves another",
        "api/disposals.py",
        "        if held.actor.id != act.actor.id or made.disposal.id != disposal:\n",
        "        if made.disposal.id != disposal:\n",
        (f"{DISPOSALS}::test_a_ticket_is_good_once_for_one_person_and_one_disposal",),
        "somebody sends the signature of somebody else",
    ),
    Fault(
        "a ticket of a disposal answers a question",
        "api/tickets.py",
        '    if session is None or not alive or content["what"] not in wanted:\n',
        "    if session is None or not alive:\n",
        (f"{DISPOSALS}::test_a_ticket_of_a_disposal_answers_no_question",),
        "one thing is shown and another one signed",
    ),
    Fault(
        "an alarm of others is told apart from what is none",
        "api/alarms.py",
        "    if alarm.type != RAISED or not may_see(begin_keeping(site.desk, actor), alarm):\n",
        "    if alarm.type != RAISED:\n",
        (f"{ALARMS}::test_an_alarm_is_told_to_who_may_answer_it_and_else_it_is_none",),
        "a stranger learns that something is wrong with a recording",
    ),
    Fault(
        "a request looks at everything there is",
        "api/keeping.py",
        "            if place == LOOKED_LIMIT:\n",
        "            if place < 0:\n",
        (f"{KEEPING}::test_one_request_looks_at_so_much_and_says_that_there_was_more",),
        "anybody who is signed in keeps the station busy for hours",
    ),
    Fault(
        "a disposal is listed for everybody",
        "custody/disposal_list.py",
        "        if (ended or each.state not in ENDED) and may_know(keeper, each):\n",
        "        if ended or each.state not in ENDED:\n",
        (f"{LISTS}::test_a_disposal_is_there_for_who_sees_figures_over_what_is_to_go",),
        "who recorded it learns when it goes, and that somebody wants it to",
    ),
    Fault(
        "a catalogue shows segments to who may not list them",
        "custody/deciding.py",
        "            if not self.listing.may(segment):\n",
        "            if not segment:\n",
        (f"{DECIDING}::test_what_one_may_list_is_decided_and_nothing_else",),
        "a catalogue that was tampered with tells strangers of footage",
    ),
)
