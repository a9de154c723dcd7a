"""Faults in how bytes leave, and in what a copy must prove."""

from tests.mutants.fault import Fault

ACCESS = "tests/unit/custody/test_access.py"
RECOVERY = "tests/unit/custody/test_access_recovery.py"
LOOKS = "tests/unit/custody/test_looks.py"
PACKAGES = "tests/unit/custody/test_packages.py"
PROOF = "tests/unit/evidence/test_proof.py"

FAULTS = (
    Fault(
        "a slice is given out without being compared",
        "custody/access.py",
        'sha256(data).hexdigest() != record["sha256"]',
        'len(data) > cut.length + len(record["sha256"])',
        (f"{ACCESS}::test_a_changed_byte_is_never_given_out_and_raises_an_alarm",),
        "a changed film is fetched as evidence",
    ),
    Fault(
        "nobody asks whose grant it is",
        "custody/access.py",
        "        if found:\n            refuse_on_record(",
        "        if found and not spans:\n            refuse_on_record(",
        (f"{ACCESS}::test_a_grant_is_nobodys_but_its_holders",),
        "whoever learns the number of a grant has it",
    ),
    Fault(
        "a grant for a part is one for the whole",
        "custody/parts.py",
        "    return 0 < len(wanted) <= SPAN_LIMIT and all(covered)\n",
        "    return 0 < len(wanted) <= SPAN_LIMIT and any((True, *covered))\n",
        (f"{ACCESS}::test_a_part_gives_no_leave_for_its_neighbours",),
        "ten seconds are asked for, an hour is taken",
    ),
    Fault(
        "a use does not compare and swap",
        "custody/access.py",
        "body, expect={grant.id: grant.last})",
        "body)",
        (f"{ACCESS}::test_a_use_too_many_is_refused_also_to_who_asked_before_it_was_used_up",),
        "one use of a grant is as many as come at once",
    ),
    Fault(
        "a withdrawal is not seen while it runs",
        "custody/watch.py",
        'if entry.type == "grant.withdrawn":',
        'if entry.type == "grant.withdrawn" and not seen:',
        (f"{ACCESS}::test_what_takes_the_leave_away_stops_what_runs_within_two_seconds",),
        "what was taken back goes on leaving",
    ),
    Fault(
        "a suspension is not seen while it runs",
        "custody/watch.py",
        "        if now.register.index != before.register.index:\n",
        "        if now.register.index < before.register.index:\n",
        (f"{ACCESS}::test_what_takes_the_leave_away_stops_what_runs_within_two_seconds",),
        "who was sent away takes the film along",
    ),
    Fault(
        "a look has no end where its reader goes away",
        "custody/access.py",
        "        try:\n            self.close()\n",
        "        try:\n            if error is None:\n                self.close()\n",
        (f"{ACCESS}::test_a_reader_who_goes_away_has_what_they_had",),
        "nobody knows what left",
    ),
    Fault(
        "a slice leaves before it is counted",
        "custody/access.py",
        "        self._count.leaving(part.number, *left)\n",
        "        if left[0] > 1:\n            self._count.leaving(part.number, slices, size)\n",
        (f"{RECOVERY}::test_whenever_a_process_is_killed_the_next_start_says_what_had_left",),
        "a killed process hides the last slice",
    ),
    Fault(
        "a slice counts as left when it is ready",
        "custody/access.py",
        "                yield partial(self._give, part, self._verified(part, number, roll))\n",
        "                given = self._give(part, self._verified(part, number, roll))\n"
        "                yield partial(dict.get, {0: given}, 0)\n",
        (f"{ACCESS}::test_a_slice_that_was_verified_ahead_has_not_left_before_it_is_given",),
        "the ledger says that more was seen than was",
    ),
    Fault(
        "a refused opening leaves its count behind",
        "custody/access.py",
        "        except ConflictError:\n            forget(count)\n",
        "        except ConflictError:\n            count.drop()\n",
        (f"{ACCESS}::test_whoever_loses_every_race_is_told_so",),
        "the next start closes a look of somebody else",
    ),
    Fault(
        "a confidential look is told",
        "custody/looks.py",
        "standing.now < looked.hidden_until",
        "standing.now > looked.hidden_until",
        (f"{LOOKS}::test_a_confidential_look_is_hidden_from_the_officer_until_its_day",),
        "who is being looked into learns of it",
    ),
    Fault(
        "a package may hold another decision",
        "custody/packages.py",
        'if not yes or answered not in sequence(decided.body, "requests"):',
        "if not yes or answered is None:",
        (f"{PACKAGES}::test_entries_of_another_copy_are_refused",),
        "any yes makes any copy lawful",
    ),
    Fault(
        "a package may say what did not leave",
        "custody/packages.py",
        'if (closed.get("how"), closed.get("bytes")) != ("complete", done):',
        'if closed.get("how") == "complete" and closed.get("bytes") is None:',
        (f"{PACKAGES}::test_a_look_that_says_something_else_has_left_is_refused",),
        "a copy that was cut off passes for a whole one",
    ),
    Fault(
        "a package may hold a stranger's file",
        "custody/packages.py",
        "        if name not in known | BESIDE:\n",
        "        if name in known & BESIDE:\n",
        (f"{PACKAGES}::test_every_file_that_is_changed_lost_or_added_is_found",),
        "a film that nobody sealed lies among those that were",
    ),
    Fault(
        "nobody verifies what the approver signed",
        "custody/packages.py",
        "    verify_approval(decided, key, origins_of(host if inside else None), software=True)\n",
        "    origins_of(host if inside else None)\n",
        (f"{PACKAGES}::test_a_signature_that_is_no_approval_makes_no_package",),
        "whoever holds the ledger's key approves for everybody",
    ),
    Fault(
        "a signature may come from a host beside",
        "custody/packages.py",
        'endswith(f".{key.rp}")',
        "endswith(key.rp)",
        (f"{PACKAGES}::test_a_signature_that_is_no_approval_makes_no_package",),
        "a page of somebody else collects approvals",
    ),
    Fault(
        "a proof may be of another ledger",
        "evidence/proof.py",
        "    if checkpoint.origin != key.name:\n",
        "    if not checkpoint.origin:\n",
        (f"{PROOF}::test_a_proof_of_something_else_is_refused",),
        "an entry of one ledger is shown as one of another",
    ),
)
