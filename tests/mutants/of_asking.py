"""Faults in who may, who decides, and what a grant is: somebody sees what is not theirs."""

from tests.mutants.fault import Fault

PERMISSION = "tests/unit/custody/test_permission.py"
DECIDERS = "tests/unit/custody/test_deciders.py"
AMENDING = "tests/unit/custody/test_amending.py"
FOOTAGE = "tests/unit/custody/test_footage.py"
REQUESTS = "tests/unit/custody/test_requests.py"
DECIDE = "tests/unit/custody/test_decide.py"
GRANTS = "tests/unit/custody/test_grants.py"
DOSSIER = "tests/unit/custody/test_dossier.py"
WEIGHING = "tests/unit/custody/test_weighing.py"
SEEKING = "tests/unit/custody/test_seeking.py"
STRANGER = "test_who_may_not_list_it_is_told_what_a_stranger_would_be_and_it_is_on_record"
SIGNED = f"{DECIDE}::test_what_is_not_the_heads_own_signature_over_exactly_this_decides_nothing"
TOLD_APART = (
    f"{PERMISSION}::"
    "test_the_rows_are_asked_as_the_table_says_in_every_situation_they_can_tell_apart"
)
NOT_ASKED = (
    f"{REQUESTS}::test_who_may_not_ask_is_refused_with_every_row_and_the_refusal_is_in_the_ledger"
)
MORE = f"{GRANTS}::test_more_or_other_than_was_asked_is_no_grant_even_when_a_head_has_signed_it"

FAULTS = (
    Fault(
        "footage needs no grant",
        "custody/permission.py",
        '    Row("no_grant", "18", FOOTAGE, lacks=frozenset({"grant"})),\n',
        "",
        (f"{PERMISSION}::test_no_footage_leaves_without_a_grant_in_any_cell",),
        "whoever has a post looks at everything",
    ),
    Fault(
        "a clause speaks where one of its words is there",
        "custody/permission.py",
        "            if each <= known:\n",
        "            if not each or each & known:\n",
        (f"{TOLD_APART}[label]",),
        "every officer labels every recording",
    ),
    Fault(
        "a refusal stops at its first row",
        "custody/permission.py",
        "    return found if any(row.speaks(known) for row in wanted) else (*found, *wanted)\n",
        "    return found[:1] if any(row.speaks(known) for row in wanted) else wanted\n",
        (f"{PERMISSION}::test_a_refusal_names_every_row_in_the_way_with_its_article",),
        "people mend one thing after the other, and the record of refusals is half of it",
    ),
    Fault(
        "the head of a squad decides",
        "custody/deciders.py",
        "    marked = (each for each in register.path(unit) if register.units[each].enforcing)\n",
        "    marked = (each for each in register.path(unit) if register.units[each].id)\n",
        (f"{DECIDERS}::test_the_head_of_the_enforcing_unit_decides_and_never_that_of_a_squad",),
        "the approval of article 18 is given below the unit head",
    ),
    Fault(
        "a head who appears in it decides",
        "custody/deciders.py",
        "    barred = {asker, *footage.appear}\n",
        "    barred = {asker}\n",
        (f"{DECIDERS}::test_a_head_who_appears_in_it_does_not_decide",),
        "a head answers a complaint about themselves",
    ),
    Fault(
        "a correction heals a conflict",
        "custody/footage.py",
        "one.once | _officers(one.labels) | ever\n",
        "one.once | _officers(_current(one.labels)) | ever\n",
        (f"{FOOTAGE}::test_a_corrected_label_takes_away_the_right_and_heals_no_conflict",),
        "a head has the label corrected, decides, and has it put back",
    ),
    Fault(
        "a corrected binding heals a conflict",
        "custody/footage.py",
        "appear |= one.holders | one.once |",
        "appear |= one.holders |",
        (f"{AMENDING}::test_a_correction_takes_away_a_right_and_heals_no_conflict",),
        "a head has their binding corrected, and decides about their own footage",
    ),
    Fault(
        "a right for one segment is a right for all",
        "custody/footage.py",
        "frozenset(set.intersection(*sets))",
        "frozenset(set.union(*sets))",
        (f"{FOOTAGE}::test_a_right_needs_every_segment_and_a_conflict_needs_one",),
        "an officer adds a colleague's recording to their own and asks for both",
    ),
    Fault(
        "a refusal moves the question that it was about",
        "custody/refused.py",
        '_EXPECTED = ("q:", "g:")',
        '_EXPECTED = ("x:",)',
        (f"{DECIDE}::test_whoever_is_refused_again_and_again_holds_up_no_decision",),
        "anybody who is refused every few seconds keeps a head from deciding",
    ),
    Fault(
        "a refused question leaves no entry",
        "custody/requests.py",
        "        refuse_on_record(desk, actor, act, plan.refusals, plan.footage.segments)\n",
        "        from custody.permission import refuse\n\n        refuse(act, plan.refusals)\n",
        (f"{NOT_ASKED}[admin-more0-rows0]",),
        "an administrator tries every recording, and nobody ever knows",
    ),
    Fault(
        "the signature is not looked at",
        "custody/signing.py",
        "    if approval is None:\n        return desk.rules.password_only\n",
        "    if approval is None or approval.envelope:\n        return True\n",
        (f"{SIGNED}[attack_other_person]",),
        "whoever sits at the head's screen approves",
    ),
    Fault(
        "any signature will do",
        "custody/decide.py",
        '    signed = check_signed(standing, draft, approval, "approve", ids)\n',
        "    signed = approval is not None or desk.rules.password_only\n",
        (f"{DECIDE}::test_a_challenge_of_something_else_is_not_what_was_signed",),
        "a head signs one decision and another is written",
    ),
    Fault(
        "somebody else's proposal may be signed",
        "custody/decide.py",
        '    own = {"signed"} if signed and actor.id == draft.actor else set[str]()\n',
        '    own = {"signed"} if signed else set[str]()\n',
        (f"{DECIDE}::test_somebody_elses_proposal_is_not_signed_by_who_sits_there",),
        "the entry names an approver who has not signed",
    ),
    Fault(
        "a decision gives more than was asked",
        "custody/answers.py",
        '        "times": answer.times is not None and not 0 < answer.times <= times,\n',
        '        "times": answer.times is not None and not 0 < answer.times,\n',
        (f"{DECIDE}::test_more_than_was_asked_is_not_given[times-4]",),
        "one look that was asked for becomes a hundred",
    ),
    Fault(
        "a grant outlives its day",
        "custody/grants.py",
        '        EXPIRED: now >= moment(body, "until"),\n',
        '        EXPIRED: now > moment(body, "until"),\n',
        (f"{GRANTS}::test_a_grant_runs_out_at_its_moment",),
        "a look in the moment after the last is one too many",
    ),
    Fault(
        "a use that nobody counts",
        "custody/grants.py",
        '        sum(entry.type == "copy.opened" for entry in entries),\n',
        '        sum(entry.type == "copy.closed" for entry in entries),\n',
        (f"{GRANTS}::test_every_use_counts_once_and_the_last_one_ends_it",),
        "ten copies that are still running count as none",
    ),
    Fault(
        "the organisation of today judges the decision of then",
        "custody/grants.py",
        "    then = register_at(desk.ledger, decision.seq)\n    held",
        "    then = read_register(desk.ledger)\n    held",
        (f"{GRANTS}::test_a_reorganisation_changes_no_past_decision",),
        "a head who leaves takes every approval with them",
    ),
    Fault(
        "who asked may have decided",
        "custody/grants.py",
        "    if request.decision != decision.seq or decision.actor == request.asker:\n",
        "    if request.decision != decision.seq:\n",
        (f"{GRANTS}::test_a_deputy_who_decided_their_own_question_holds_no_grant",),
        "a decision that met no check on its way in is believed on its way out",
    ),
    Fault(
        "what a head signs is granted, whatever was asked",
        "custody/grants.py",
        '        and integer(body, "times") <= request.times\n',
        "",
        (f"{MORE}[change2]",),
        "the entry of the question does not bound what leaves",
    ),
    Fault(
        "what is known of a segment is told to whoever asks",
        "custody/dossier.py",
        "        listing.check(segment)\n",
        "        listing.may(segment)\n",
        (f"{DOSSIER}::{STRANGER}[mate]",),
        "a digest is enough to read the label of another unit",
    ),
    Fault(
        "a neighbour is named to who may not list it",
        "custody/dossier.py",
        "(each if each and listing.may(each) else None for each in sides)",
        "(each for each in sides)",
        (f"{DOSSIER}::test_joins_are_told_with_neighbours_that_the_asker_may_list",),
        "from one's own segment somebody walks along the recorder to what others recorded",
    ),
    Fault(
        "earlier questions are told to every head",
        "custody/weighing.py",
        " if may_see(desk, actor, each)),",
        "),",
        (f"{WEIGHING}::test_earlier_questions_are_told_only_to_who_may_see_them",),
        "a unit learns from a question of its own what the bureau above is looking into",
    ),
    Fault(
        "looks are hidden without a word",
        "custody/decide.py",
        " and answer.confidential_until is None\n",
        "\n",
        (f"{DECIDE}::test_looks_are_hidden_only_with_a_reason",),
        "an auditor finds looks hidden for years and nobody said why",
    ),
    Fault(
        "a search by officer forgets when they held the recorder",
        "custody/seeking.py",
        "recorder=held.recorder, since=since, until=until)",
        "recorder=held.recorder)",
        (f"{SEEKING}::test_pages_hold_what_somebody_recorded_once_each_and_in_order[100]",),
        "what a colleague recorded with a pooled recorder stands under one's own name",
    ),
)  # fmt: skip
