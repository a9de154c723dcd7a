"""Faults in how segments end: each destroys early, alone, too much, or leaves an end unseen."""

from tests.mutants.fault import Fault

DESTROY = "tests/unit/custody/test_destroy.py"
DISPOSING = "tests/unit/custody/test_disposing.py"
LAWFUL = "tests/unit/custody/test_lawful.py"
ENDINGS = "tests/unit/custody/test_endings.py"
SHREDDING = "tests/unit/vault/test_shredding.py"
REMOVER = "tests/unit/vault/test_remover.py"
SYNCED = "tests/unit/vault/test_synced.py"
FORGETTING = "tests/unit/vault/test_forgetting.py"
FATE = "tests/unit/ingest/test_fate.py"
DISPOSALS = "tests/faults/test_disposal.py"
ACTS = "tests/faults/test_keeping.py"
PROPOSED = "propose a disposal-ledger.publish"
CATALOGUE = "tests/tamper/test_catalogue_insider.py"
CLOCK = "tests/tamper/test_clock_insider.py"
DISPOSED = "tests/tamper/test_disposed.py"

FAULTS = (
    # --- proposed and approved
    Fault(
        "who proposed a disposal may approve it",
        "custody/disposing.py",
        '({"asker"} if found.by == actor.id else set())',
        "set()",
        (f"{DISPOSING}::test_nobody_approves_what_they_have_proposed",),
        "one person alone destroys",
    ),
    Fault(
        "a disposal is approved while its warning runs",
        "custody/disposing.py",
        "    if now.at < found.warning_until:\n",
        "    if now.at < found.at:\n",
        (f"{DISPOSING}::test_before_the_warning_is_over_nobody_approves",),
        "who would have placed a hold hears of it too late",
    ),
    Fault(
        "what must stay is proposed with the rest",
        "custody/disposing.py",
        "        if not keeping.due(now.at):\n",
        "        if keeping.until is None:\n",
        (
            f"{DISPOSING}::test_what_must_stay_is_named_with_why",
            f"{CATALOGUE}::test_a_longer_rule_that_the_catalogue_forgets_holds",
        ),
        "a list that two people sign names what may not go",
    ),
    Fault(
        "two who decide at once both have decided",
        "custody/disposing.py",
        "    about, expect = (found.id, KEEPING), {found.id: found.last}\n",
        "    about, expect = (found.id, KEEPING), {}\n",
        (f"{DISPOSING}::test_two_who_decide_at_once_make_one_decision",),
        "it is undone and approved, and both were told so",
    ),
    Fault(
        "a long list is written entry by entry",
        "custody/disposing.py",
        "    desk.ledger.append(list(_parts(actor, look, disposal, listed, (body, reason))))\n",
        "    for part in _parts(actor, look, disposal, listed, (body, reason)):\n"
        "        desk.ledger.append([part])\n",
        (f"{ACTS}::test_an_act_that_was_killed_is_not_there_or_there_once[{PROPOSED}]",),
        "what was cut in the middle is a list that nobody wanted",
    ),
    # --- done
    Fault(
        "what may not go any more goes because it was approved",
        "custody/destroy.py",
        '    kind = "segment.spared" if because else "segment.disposed"\n',
        '    kind = "segment.disposed"\n',
        (
            f"{DESTROY}::test_what_may_not_go_any_more_is_spared_and_says_why",
            (
                f"{CATALOGUE}"
                "::test_a_film_held_after_the_approval_is_spared_whatever_the_catalogue_says"
            ),
        ),
        "a hold that came during the warning holds nothing",
    ),
    Fault(
        "a period that is not over is no reason at the run",
        "custody/destroy.py",
        '    return codes or ([] if ended else ["kept"])\n',
        '    return codes if ended or not codes else ["kept"]\n',
        (f"{DESTROY}::test_what_ends_later_than_now_is_spared",),
        "what a longer rule keeps since is gone",
    ),
    Fault(
        "a disposal runs while it can still be undone",
        "custody/destroy.py",
        "    if now.at < disposal.undo_until:\n",
        "    if now.at < disposal.warning_until:\n",
        (
            (
                f"{DESTROY}"
                "::test_nothing_goes_before_the_time_to_undo_is_over_by_the_time_from_outside"
            ),
            f"{CLOCK}::test_a_clock_set_ahead_destroys_nothing_and_raises_an_alarm_once",
        ),
        "who undoes it comes too late",
    ),
    Fault(
        "what was not approved is run",
        "custody/destroy.py",
        '{"approved", "done"} or disposal.undo_until is None',
        '{"approved", "done", "undone"} or disposal.undo_until is None',
        (f"{DESTROY}::test_what_was_undone_does_not_go",),
        "an undoing is a word and no more",
    ),
    Fault(
        "an undoing that comes while the keeper decides is overlooked",
        "custody/destroy.py",
        '.type == "disposal.undone":\n',
        '.type == "disposal.done":\n',
        (f"{DESTROY}::test_undone_while_the_keeper_decides_nothing_goes",),
        "the last who could stop it cannot",
    ),
    Fault(
        "a hold that comes while the keeper decides is overlooked",
        "custody/destroy.py",
        "    expect = {KEEPING: look.index, disposal: last}\n",
        "    expect = {disposal: last}\n",
        (f"{DESTROY}::test_what_is_written_while_the_keeper_decides_makes_it_look_again",),
        "a complaint that came in the same second",
    ),
    Fault(
        "what is written about a segment while the keeper decides is overlooked",
        "custody/destroy.py",
        "    return Draft(kind, ACTOR, (segment, disposal), body, {segment: last})\n",
        "    return Draft(kind, ACTOR, (segment, disposal), body, {})\n",
        (
            f"{DESTROY}::test_what_is_written_while_the_keeper_decides_makes_it_look_again",
            f"{DISPOSALS}::test_a_copy_docked_while_the_keeper_decides_stops_the_batch",
        ),
        "a docking in the same second has its bytes taken away",
    ),
    Fault(
        "bytes go though the words could not be destroyed",
        "custody/destroy.py",
        "        keeper.shredder.shred([each.segment for each in batch])\n",
        "        pass\n",
        (f"{DESTROY}::test_bytes_and_words_go_after_the_tombstone_and_the_entries_stay",),
        "names outlive what they were about",
    ),
    Fault(
        "a home that did not answer counts as done",
        "custody/destroy.py",
        "        return {}\n\n\ndef _done",
        '        return {home.home: "failed" for home in homes}\n\n\ndef _done',
        (f"{DESTROY}::test_a_home_that_does_not_answer_is_asked_again_by_the_next_run",),
        "a copy is left somewhere, and nobody looks for it any more",
    ),
    Fault(
        "what another run has begun is not asked whether it is lawful",
        "custody/destroy.py",
        "            keeper.ends.check(tombstone.segment)\n",
        "            tombstone.segment.strip()\n",
        (f"{DESTROY}::test_an_unlawful_tombstone_that_lies_there_takes_no_bytes_with_it",),
        "a forged tombstone takes bytes with it",
    ),
    # --- decided again
    Fault(
        "an approval without a signature is lawful",
        "custody/lawful.py",
        "        if not was_signed(approved, then, self.rules, self.hosts):\n",
        "        if not then:\n",
        (f"{LAWFUL}::test_who_can_only_append_has_nothing_destroyed",),
        "whoever reaches the socket approves as the head",
    ),
    Fault(
        "anybody approves lawfully",
        "custody/lawful.py",
        "        if not _holds(then, approved, APPROVERS):\n",
        "        if not _holds(then, approved, APPROVERS | PROPOSERS):\n",
        (f"{LAWFUL}::test_who_held_no_role_for_it_then_has_decided_nothing",),
        "two supervisors are enough",
    ),
    Fault(
        "a warning that never ran is lawful",
        "custody/lawful.py",
        '- moment(entry.body, "now") < asked:\n',
        '- moment(entry.body, "now") < timedelta():\n',
        (f"{LAWFUL}::test_a_window_shorter_than_the_packs_ask_is_none",),
        "proposed, approved and gone in one afternoon",
    ),
    Fault(
        "a time that nobody had said is lawful",
        "custody/lawful.py",
        "or not said or now > said[-1][1]:\n",
        "or now > entry.at:\n",
        (f"{LAWFUL}::test_a_time_that_nobody_had_said_by_then_is_none",),
        "a keeper that is made to lie about the day destroys",
    ),
    Fault(
        "another list than the signed one is lawful",
        "custody/lawful.py",
        ' != {root}:\n            yield "list_differs"\n',
        ' == set():\n            yield "list_differs"\n',
        (f"{LAWFUL}::test_a_signature_over_another_list_is_none",),
        "the head signs one film, and a thousand go",
    ),
    Fault(
        "what was held then is lawful",
        "custody/lawful.py",
        'return [*faults, *(codes or ([] if ended else ["kept"])), *early]\n',
        "return [*faults, *early]\n",
        (
            f"{LAWFUL}::test_what_was_held_then_was_not_lawful",
            f"{LAWFUL}::test_what_was_not_over_then_was_not_lawful",
        ),
        "who has the keeper in hand destroys evidence, and the audit nods",
    ),
    Fault(
        "the second approval counts",
        "custody/agreement.py",
        '        if self.approved is not None:\n            return ["approved_twice"]\n',
        "",
        (f"{ENDINGS}::test_what_was_not_lawful_is_named",),
        "a forged one makes the time to undo shorter",
    ),
    Fault(
        "a list is lengthened after the approval",
        "custody/agreement.py",
        '        if self.approved is not None:\n            return ["listed_late"]\n',
        "",
        (f"{LAWFUL}::test_parts_that_are_added_after_the_approval_do_not_count",),
        "more goes than anybody signed",
    ),
    Fault(
        "a tombstone ahead of its own entry is lawful",
        "custody/agreement.py",
        "        if now > tombstone.at:\n",
        "        if now < tombstone.at and self.undo_until > now:\n",
        (f"{ENDINGS}::test_what_was_not_lawful_is_named",),
        "the time in it is whatever its writer likes",
    ),
    Fault(
        "a day that people say afterwards says nothing of what went before",
        "custody/hindsight.py",
        "for each in self._days if each - day > _DAY)",
        "for each in self._days if day - each > _DAY)",
        (
            (
                f"{ENDINGS}"
                "::test_a_day_that_two_people_say_afterwards_and_that_is_earlier_is_named_once"
            ),
            f"{CLOCK}::test_what_two_colluders_took_stays_named_when_the_years_have_passed",
        ),
        "clock ahead, two colluders, clock back, and nobody ever knows",
    ),
    Fault(
        "one person alone takes time back",
        "custody/hindsight.py",
        "or said[0] != day or said[1] == entry.actor:\n",
        "or said[0] != day:\n",
        (f"{ENDINGS}::test_one_person_alone_or_two_who_do_not_agree_accuse_nobody",),
        "a lawful disposal is accused by who likes",
    ),
    Fault(
        "bytes that outlive their tombstone are not looked for",
        "custody/endings.py",
        "            if gone.executed:\n                yield segment",
        "            if not gone.executed:\n                yield segment",
        (
            f"{DISPOSED}::test_bytes_that_were_put_back_are_found",
            f"{DISPOSED}::test_words_that_were_put_back_are_found",
        ),
        "a copy that should be gone is shown years later",
    ),
    Fault(
        "what was sealed again is dead for the audit",
        "custody/endings.py",
        '            self.gone.pop(_only(entry, "s:"), None)\n',
        "            pass\n",
        (f"{ENDINGS}::test_until_it_is_executed_nothing_is_undead_and_sealed_again_it_lives",),
        "a lawful film is accused, and thrown away by who believes it",
    ),
    # --- bytes and words
    Fault(
        "words are destroyed of what is in custody",
        "vault/shredding.py",
        '        if index is not None or not disposed or not segment.startswith("s:"):\n',
        '        if index is not None or not segment.startswith("s:"):\n',
        (f"{SHREDDING}::test_nothing_is_destroyed_of_what_is_in_custody",),
        "names, labels and cases are lost with one call",
    ),
    Fault(
        "the first fate counts and not the newest",
        "vault/shredding.py",
        "            if disposed is None:\n                disposed = _FATES.get(entry.type)\n",
        "            disposed = _FATES.get(entry.type, disposed)\n",
        (f"{SHREDDING}::test_the_words_of_what_is_disposed_of_can_be_read_by_nobody_again",),
        "nothing that was sealed can ever be forgotten",
    ),
    Fault(
        "keys stay",
        "vault/shredding.py",
        "            self._keys.destroy(segments)\n",
        "            pass\n",
        (f"{SHREDDING}::test_the_key_is_gone_from_the_file_and_its_log",),
        "a backup of the ciphertexts opens",
    ),
    Fault(
        "ciphertexts stay",
        "vault/shredding.py",
        "            self._statements.empty(digests)\n",
        "            pass\n",
        (f"{SHREDDING}::test_the_ciphertext_goes_too_whatever_becomes_of_the_key",),
        "a backup of the keys opens them",
    ),
    Fault(
        "a second name of the bytes stays in the staging",
        "vault/remover.py",
        "                    self._unstage(there)\n",
        "                    pass\n",
        (f"{REMOVER}::test_what_a_cut_left_in_the_staging_goes_too",),
        "what is destroyed can be read under another name",
    ),
    Fault(
        "what lies beside it in the staging goes too",
        "vault/remover.py",
        "return os.path.samestat(path.lstat(), there)",
        "return bool(path.lstat())",
        (f"{REMOVER}::test_what_a_cut_left_in_the_staging_goes_too",),
        "a docking under way loses what it has read",
    ),
    Fault(
        "a removal is not made durable",
        "vault/remover.py",
        "            sync_directory(path.parent)\n        return",
        "            pass\n        return",
        (f"{SYNCED}::test_what_was_removed_stays_removed_whoever_was_cut_before",),
        "after a power cut what is executed is there again",
    ),
    Fault(
        "the catalogue forgets a label and keeps its words",
        "vault/forgetting.py",
        "(label_people, label_private, labels)",
        "(label_people, labels)",
        (f"{FORGETTING}::test_nothing_of_its_label_is_left_in_the_file",),
        "names of what is gone can still be searched",
    ),
    Fault(
        "the catalogue forgets a second stay with the first",
        "vault/forgetting.py",
        "segments.c.entry < tombstones.c.entry\n",
        "segments.c.entry != tombstones.c.entry\n",
        (f"{FORGETTING}::test_what_is_docked_again_has_rows_of_its_own",),
        "what is in custody is found by nobody",
    ),
    # --- docked again
    Fault(
        "a file is taken in while its bytes are being removed",
        "ingest/fate.py",
        "            if not executed or objects.size",
        "            if objects.size",
        (
            f"{FATE}::test_between_the_tombstone_and_the_end_of_the_bytes_it_stays_where_it_is",
            f"{DISPOSALS}::test_a_copy_docked_in_the_middle_of_a_disposal_stays_on_the_recorder",
        ),
        "sealed, certified, erased from the recorder, and removed here",
    ),
    Fault(
        "bytes that were removed after they were placed count as placed",
        "ingest/fate.py",
        '            if not executed or objects.size(segment.removeprefix("s:")) is None:\n',
        "            if not executed:\n",
        (f"{FATE}::test_bytes_that_the_keeper_took_after_they_were_placed_are_not_in_custody",),
        "an entry over bytes that are not there",
    ),
    Fault(
        "what was disposed of is seen again under its old seal",
        "ingest/fate.py",
        '        if entry.type == "segment.disposed":\n',
        '        if entry.type == "segment.spared":\n',
        (f"{FATE}::test_after_the_end_of_its_bytes_it_is_sealed_anew",),
        "a copy that came back has neither words nor a time of its own",
    ),
)
