"""Faults in who is who and who held a recorder: each gives somebody footage or power not theirs."""

from tests.mutants.fault import Fault

REGISTER = "tests/unit/custody/test_register.py"
ENROL = "tests/unit/custody/test_enrol.py"
ROLES = "tests/unit/custody/test_roles.py"
NAMES = "tests/unit/custody/test_names.py"
AMENDING = "tests/unit/custody/test_amending.py"
TENURE = "tests/unit/custody/test_tenure.py"
HANDOVER = "tests/unit/custody/test_handover.py"
KEYS = "tests/unit/custody/test_keys.py"
ENROLMENT = "tests/unit/custody/test_enrolment.py"
ACCESSLOG = "tests/unit/custody/test_accesslog.py"

FAULTS = (
    Fault(
        "whoever is corrected is no longer suspended",
        "custody/register.py",
        "    suspended = before is not None and before.suspended\n",
        "    suspended = False\n",
        (f"{REGISTER}::test_who_is_suspended_holds_nothing_until_restored",),
        "another unit in the list brings a dismissed head back",
    ),
    Fault(
        "a known register is believed of any ledger",
        "custody/register.py",
        "    if known and seen not in {OPEN, before}:\n",
        "    if known and seen in {OPEN}:\n",
        (f"{REGISTER}::test_a_known_register_of_another_ledger_is_refused",),
        "people of a copied home decide here",
    ),
    Fault(
        "the past is read with what came after it",
        "custody/register.py",
        "        if until is None or entry.seq <= until:\n",
        "        if until is None or entry.seq >= 0:\n",
        (f"{REGISTER}::test_the_past_is_read_as_it_was",),
        "a reorganisation changes who was allowed to decide",
    ),
    Fault(
        "a home is founded a second time",
        "custody/enrol.py",
        '        raise ConflictError("home_founded")\n',
        "        pass\n",
        (f"{ENROL}::test_a_home_is_founded_once_and_closed_for_good",),
        "whoever can run a command makes themselves administrator",
    ),
    Fault(
        "an act on the organisation does not say what it has seen",
        "custody/organising.py",
        "        expect = {ORGANISATION: self.register.index}\n",
        "        expect: dict[str, int | None] = {}\n",
        (f"{ENROL}::test_two_administrators_at_once_do_not_overwrite_each_other",),
        "of two changes at once one is lost, and nobody hears of it",
    ),
    Fault(
        "a proof from the future is fresh",
        "custody/organising.py",
        "    return timedelta() <= age <= timedelta(seconds=desk.rules.step_up_s)\n",
        "    return age <= timedelta(seconds=desk.rules.step_up_s)\n",
        (f"{ENROL}::test_an_administrator_proves_who_they_are_before_each_act",),
        "a clock that was wrong once makes a session that is always fresh",
    ),
    Fault(
        "a head above names the deputy of a unit below",
        "custody/roles.py",
        'acting.allow("grant_deputy", acting.within(unit), acting.themself(person))',
        'acting.allow("grant_deputy", acting.over(unit), acting.themself(person))',
        (
            f"{ROLES}::test_nobody_but_the_head_of_exactly_that_unit_names_its_deputy[chief-may_depute]",
        ),
        "the bureau above decides in the name of the unit",
    ),
    Fault(
        "a role may begin in the past",
        "custody/roles.py",
        "    if since < now:\n",
        "    if since == now:\n",
        (f"{ROLES}::test_a_term_that_cannot_be_is_refused",),
        "somebody becomes the head who decided yesterday",
    ),
    Fault(
        "an administrator may hold another role too",
        "custody/roles.py",
        '    if any((each.role == "admin") != (role == "admin") for each in held):\n',
        '    if any(each.role == "admin" == role for each in held):\n',
        (f"{ROLES}::test_administrators_stand_apart_from_every_other_role",),
        "who runs the box decides about its footage",
    ),
    Fault(
        "the owner of a key is its witness",
        "custody/keys.py",
        "    if witness is None or witness.id in {acting.actor.id, person}:\n",
        "    if witness is None or witness.id == acting.actor.id:\n",
        (f"{KEYS}::test_who_gets_the_key_is_not_its_witness_though_they_could_be_anothers",),
        "one person alone makes the key that approves",
    ),
    Fault(
        "the number of somebody who left finds them before their successor",
        "custody/names.py",
        '    return _only(active or named, wanted, "person")\n',
        '    return _only(named[:1], wanted, "person")\n',
        (f"{NAMES}::test_the_number_of_who_left_may_be_given_to_a_successor",),
        "a role is granted to who is gone",
    ),
    Fault(
        "a renewed certificate heals footage from before",
        "custody/names.py",
        "next((each for each in naming if each.at <= moment), naming[-1] if naming else None)",
        "naming[0] if naming else None",
        (f"{NAMES}::test_a_certificate_is_judged_by_what_was_known_at_record_time",),
        "nobody learns that an officer recorded without a valid certificate",
    ),
    Fault(
        "of two holders the first is taken",
        "custody/tenure.py",
        "        if len(people) == 1:\n",
        "        if people:\n",
        (f"{TENURE}::test_two_who_held_it_at_once_are_nobody",),
        "footage is given to who did not record it: a guess",
    ),
    Fault(
        "the end of a handover belongs to it",
        "custody/tenure.py",
        "(until is None or moment < until)",
        "(until is None or moment <= until)",
        (f"{TENURE}::test_footage_of_a_pooled_recorder_is_of_who_had_taken_it",),
        "the moment of handing over has two holders, and nobody's footage",
    ),
    Fault(
        "a correction may give a recorder to two at once",
        "custody/amending.py",
        "    if any(_overlap(one, other) for one, other in combinations(bound, 2)):\n",
        "    if False:\n",
        (f"{AMENDING}::test_two_bindings_never_overlap",),
        "a supervisor makes footage nobody's, or somebody else's",
    ),
    Fault(
        "an answer about another sighting of the film counts",
        "custody/tenure.py",
        'entry.type == "holder.resolved" and entry.body.get("sighting") == sighting.seq:',
        'entry.type == "holder.resolved":',
        (f"{TENURE}::test_footage_of_an_unknown_recorder_is_nobodys_until_a_person_says",),
        "a copied card makes footage somebody else's",
    ),
    Fault(
        "what the entries say is overruled by a word",
        "custody/handover.py",
        '    if before.why in {"own", "pooled"}:\n',
        '    if before.why in {"pooled"}:\n',
        (f"{HANDOVER}::test_what_the_entries_say_is_not_overruled",),
        "a supervisor moves footage from one officer to another",
    ),
    Fault(
        "a handover may lie within another",
        "custody/handover.py",
        "    if any(each is not None and moment < each for each in others):\n",
        "    if any(each is not None and moment == each for each in others):\n",
        (
            f"{HANDOVER}::test_a_paper_list_may_be_typed_in_afterwards_but_never_so_that_two_held_it",
        ),
        "a late list makes a day of footage nobody's",
    ),
    Fault(
        "a code is good although nobody can read who handed it out",
        "custody/enrolment.py",
        '    entry = acting.write("code.given", (person,), {"person": person, "until": until})\n'
        "    return Given(entry, name, issue_code(entrance, person, name))\n",
        "    code = issue_code(entrance, person, name)\n"
        '    entry = acting.write("code.given", (person,), {"person": person, "until": until})\n'
        "    return Given(entry, name, code)\n",
        (f"{ENROLMENT}::test_no_code_is_worth_anything_before_its_entry_is_written",),
        "an administrator takes an account over, and no entry says so",
    ),
    Fault(
        "a password alone proves again who has a key",
        "custody/enrolment.py",
        "proved=not login_keys(entrance, person)",
        "proved=True",
        (f"{ENROLMENT}::test_a_changed_password_alone_is_no_proof_of_who_has_a_key",),
        "a stolen password decides, without the key",
    ),
    Fault(
        "the log is read from the middle and nobody hears of it",
        "custody/accesslog.py",
        "    if wanted.before is None or not _asked(desk, actor, asked):\n",
        "    if wanted.before is None:\n",
        (f"{ACCESSLOG}::test_a_page_from_the_middle_is_written_down_where_nobody_began",),
        "an auditor reads everything but the newest row unseen",
    ),
    Fault(
        "what somebody typed as a filter gets into the ledger",
        "custody/accesslog.py",
        '"subjects": sorted({check_subject(each) for each in wanted.subjects}),',
        '"subjects": sorted(set(wanted.subjects)),',
        (f"{ACCESSLOG}::test_what_somebody_typed_gets_into_no_entry",),
        "a name stands in an entry for ever",
    ),
)
