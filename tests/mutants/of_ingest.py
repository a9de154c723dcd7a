"""Faults in the way of a file from the recorder to its seal, and in what lets a recorder forget."""

from tests.mutants.fault import Fault

SESSION = "tests/unit/ingest/test_session.py"
ENDS = "tests/unit/ingest/test_session_ends.py"
STAGES = "tests/unit/ingest/test_stages.py"
CLAIMS = "tests/unit/ingest/test_claims.py"
SEAMS = "tests/unit/ingest/test_seams.py"
CERTIFY = "tests/unit/ingest/test_certify.py"
RECOGNISE = "tests/unit/ingest/test_recognise.py"
ANSWER = "tests/unit/ingest/test_probe_answer.py"

FAULTS = (
    Fault(
        "a byte is read before the inventory is in the ledger",
        "ingest/inventory.py",
        "    receipt = tools.ledger.append([opened, taken])\n",
        "    for each in listing.files[:1]:\n"
        "        next(iter(recorder.read(each)), None)\n"
        "    receipt = tools.ledger.append([opened, taken])\n",
        (f"{SESSION}::test_the_inventory_and_the_clock_are_in_the_ledger_before_a_file_is_opened",),
        "nobody can say what lay there before we touched it",
    ),
    Fault(
        "a received file is not synced",
        "ingest/receive.py",
        "        self._staged.sync()\n",
        "        self._staged.read(0, 0)\n",
        (f"{STAGES}::test_without_its_sync_nothing_is_received_and_the_staged_file_is_let_go",),
        "a power cut takes a file of which the entry says that it is kept",
    ),
    Fault(
        "what an earlier docking kept of a file is believed",
        "ingest/receive.py",
        "        if kept == bytes(chunk[: len(kept)]):\n",
        "        if len(kept) <= len(chunk):\n",
        (f"{SESSION}::test_what_was_kept_of_a_cut_file_is_compared_and_a_difference_is_told",),
        "the beginning of one film and the end of another are sealed as one",
    ),
    Fault(
        "a file shorter than listed is not noted",
        "ingest/receive.py",
        "    if copy.size < file.size:\n",
        "    if copy.size > file.size:\n",
        (f"{SESSION}::test_a_file_shorter_than_listed_is_kept_and_stays",),
        "the recorder forgets a file of which we have a part",
    ),
    Fault(
        "the recorder's name becomes the staged name",
        "ingest/receive.py",
        "    return hashlib.sha256(encode([whose, file.raw.hex(), file.size, "
        "modified])).hexdigest()\n",
        "    return f\"{whose}-{file.path.replace('..', '')}-{file.size}-{modified}\"\n",
        (f"{STAGES}::test_a_staged_name_is_a_digest_and_tells_apart_what_could_be_confused",),
        "a hostile card writes where it likes",
    ),
    Fault(
        "the read-back is skipped",
        "ingest/store.py",
        "            for view in received.staged.read_back():\n",
        "            for view in [memoryview(received.staged.read(0, received.size))]:\n",
        (
            f"{STAGES}::test_bytes_are_read_back_before_they_get_a_name_and_named_before_they_are_sealed",
        ),
        "what the page cache shows is sealed, whatever the medium has",
    ),
    Fault(
        "the digest of what the medium gave back is not compared",
        "ingest/store.py",
        "    if again != received.sha256:\n",
        "    if len(again) != len(received.sha256):\n",
        (f"{STAGES}::test_a_medium_that_gives_back_one_other_bit_is_a_mismatch",),
        "a medium that lies is believed, and the recorder forgets",
    ),
    Fault(
        "the bytes get their name before they are read back",
        "ingest/store.py",
        "    records = _read_back(received, media.cuts)\n",
        "    tools.objects.place(received.staged, received.sha256)\n"
        "    records = _read_back(received, media.cuts)\n",
        (
            f"{STAGES}::test_bytes_are_read_back_before_they_get_a_name_and_named_before_they_are_sealed",
        ),
        "the vault shows bytes under a digest that nobody has compared",
    ),
    Fault(
        "an object that is there already is trusted unread",
        "ingest/store.py",
        "    if found != sha256:\n",
        "    if not found:\n",
        (f"{SESSION}::test_an_object_that_rotted_in_custody_is_noticed_when_its_copy_comes_again",),
        "the last good copy is erased from the recorder",
    ),
    Fault(
        "a file is sealed before it is stored",
        "ingest/pipeline.py",
        "            sealed = seal(stored.result(), self._inventory, self._tools)\n",
        "            rolled = roll(())[0]\n"
        '            media = Media("empty", None, None, None, (), (), (), "none/1")\n'
        "            early = Stored(received, media, rolled, known=False)\n"
        "            sealed = seal(early, self._inventory, self._tools)\n"
        "            stored.result()\n",
        (
            f"{STAGES}::test_bytes_are_read_back_before_they_get_a_name_and_named_before_they_are_sealed",
        ),
        "an entry stands in the ledger whose bytes nobody has",
    ),
    Fault(
        "two slots may seal the same segment",
        "ingest/seal.py",
        "        body,\n"
        "        expect={segment: fate.last},\n"
        "        private=named(segment, listed, inventory),\n"
        "    )\n\n\ndef _seen_draft(",
        "        body,\n"
        "        private=named(segment, listed, inventory),\n"
        "    )\n\n\ndef _seen_draft(",
        (
            f"{STAGES}::test_of_two_slots_that_bring_the_same_bytes_one_seals_and_the_other_has_seen",
        ),
        "a segment has two beginnings",
    ),
    Fault(
        "the clock's offset is added instead of taken away",
        "ingest/seal.py",
        "format_time(claim.time - timedelta(milliseconds=clock.offset_ms))",
        "format_time(claim.time + timedelta(milliseconds=clock.offset_ms))",
        (f"{SESSION}::test_a_sighting_carries_the_claim_and_the_corrected_time",),
        "a film is placed twice as wrong as the recorder's clock was",
    ),
    Fault(
        "the name of a file stands in the entry",
        "ingest/seal.py",
        '        "line": listed.line,\n        "inventory"',
        '        "line": listed.line,\n        "path": listed.file.path,\n        "inventory"',
        (f"{SESSION}::test_no_name_of_the_recorder_stands_in_an_entry",),
        "a police number stands in the public tree for ever",
    ),
    Fault(
        "a certificate names files that were not read whole",
        "ingest/certify.py",
        "    named = tuple(each for each in sealed if read_whole(each))\n",
        "    named = tuple(sealed)\n",
        (f"{SESSION}::test_a_file_shorter_than_listed_is_kept_and_stays",),
        "the end of a film is erased and nobody has it",
    ),
    Fault(
        "a recorder that contradicts itself gets a certificate",
        "ingest/certify.py",
        "    if not named or contradicted(inventory):\n",
        "    if not named:\n",
        (f"{CERTIFY}::test_a_recorder_that_contradicts_itself_gets_no_certificate",),
        "the wrong recorder is erased",
    ),
    Fault(
        "an identity conflict does not stop the erasing",
        "ingest/session.py",
        "    if contradicted(inventory) or not agrees:\n",
        "    if contradicted(inventory):\n",
        (
            (
                "tests/unit/ingest/test_devicelog.py"
                "::test_a_log_of_another_recorder_is_a_conflict_and_nothing_is_erased"
            ),
        ),
        "a swapped card is erased as somebody else's",
    ),
    Fault(
        "a certificate says that nothing else lies there although something does",
        "ingest/certify.py",
        " and not _more_than_listed(inventory)\n",
        "\n",
        (f"{CERTIFY}::test_a_certificate_is_not_whole_where_the_listing_was_not",),
        "a medium that can only be wiped is wiped of what nobody has seen",
    ),
    Fault(
        "a certificate is made of files that were only sampled",
        "ingest/session.py",
        '    if plan.after != "keep":\n        return {}\n',
        "",
        (f"{RECOGNISE}::test_a_certificate_needs_a_whole_reading",),
        "a file is erased of which eighteen blocks were looked at",
    ),
    Fault(
        "a sample is taken without comparing it",
        "ingest/recognise.py",
        '            == b"".join(tools.objects.read(known.sha256, offset, BLOCK_BYTES))\n',
        '            != b""\n',
        (
            f"{RECOGNISE}::test_a_file_with_the_same_name_size_and_times_but_other_bytes_is_read_whole",
        ),
        "a new film under an old name is never read",
    ),
    Fault(
        "the mark of a file does not know its size",
        "ingest/known.py",
        "        volume, file.raw.hex(), file.inode, file.size, format_time",
        "        volume, file.raw.hex(), file.inode, format_time",
        (f"{RECOGNISE}::test_a_mark_tells_files_apart_by_everything_that_is_listed",),
        "a film that has grown is taken for the one in custody",
    ),
    Fault(
        "after an erase nobody lists again",
        "ingest/forget.py",
        "    there = {_mark(file) for file in recorder.listing().files}\n",
        "    there: set[tuple[bytes, int]] = set()\n",
        (f"{SESSION}::test_an_erase_that_ends_half_way_is_written_down_as_far_as_it_went",),
        "the ledger says that a recorder is empty because it said so itself",
    ),
    Fault(
        "what was erased without leave is not told",
        "ingest/forget.py",
        "    if lost:\n",
        "    if lost < 0:\n",
        (f"{SESSION}::test_a_recorder_that_forgets_more_than_it_may_raises_an_alarm",),
        "the worst that a recorder can do goes by unseen",
    ),
    Fault(
        "a recorder is erased although only confirming was asked for",
        "ingest/forget.py",
        '    if after == "erase":\n',
        '    if after != "keep":\n',
        (f"{SESSION}::test_keep_writes_no_certificate_and_confirm_erases_nothing",),
        "the officer's card is empty and nobody asked for it",
    ),
    Fault(
        "a pulled cable is one bad file",
        "ingest/session.py",
        "ENDS_THE_DOCKING = (\n    UnpluggedError,\n",
        "ENDS_THE_DOCKING = (\n",
        (f"{SESSION}::test_a_docking_cut_at_any_byte_is_continued_by_the_next[999]",),
        "a docking that was cut is told as complete but for a file",
    ),
    Fault(
        "a full disk leaves one file and goes on",
        "ingest/session.py",
        "    NoSpaceError,\n    FsyncFailedError,\n)",
        "    FsyncFailedError,\n)",
        (f"{ENDS}::test_a_full_or_failing_medium_ends_the_docking_behind_the_reader_too",),
        "the reserve of the ledger is eaten file by file",
    ),
    Fault(
        "after a failed sync the docking goes on",
        "ingest/session.py",
        "    NoSpaceError,\n    FsyncFailedError,\n)",
        "    NoSpaceError,\n)",
        (f"{ENDS}::test_a_full_or_failing_medium_ends_the_docking_behind_the_reader_too",),
        "more is written to a medium of which nobody knows what it holds",
    ),
    Fault(
        "a pause and a gap change places",
        "ingest/seams.py",
        '"gap" if ran_on else "pause"',
        '"pause" if ran_on else "gap"',
        (f"{SEAMS}::test_a_stretch_missing_after_a_full_segment_is_a_gap",),
        "a recording that broke off becomes one that was stopped",
    ),
    Fault(
        "the length at which a recorder cuts is compared the wrong way round",
        "ingest/seams.py",
        "before.duration_ms >= full_ms - tolerance_ms",
        "before.duration_ms <= full_ms - tolerance_ms",
        (f"{SEAMS}::test_a_recording_stopped_by_hand_before_its_full_length_is_a_pause",),
        "an officer who stopped a recording is asked for the missing film",
    ),
    Fault(
        "a missing number is counted once too often",
        "ingest/seams.py",
        "after.number - before.number - 1)",
        "after.number - before.number)",
        (f"{SEAMS}::test_a_missing_number_is_a_hole_of_that_many_files",),
        "between two neighbours a file is missing that never was",
    ),
    Fault(
        "names are read in the zone of the server",
        "ingest/names.py",
        ".replace(tzinfo=zone).astimezone(UTC)",
        ".replace(tzinfo=UTC).astimezone(UTC)",
        (f"{CLAIMS}::test_a_name_tells_maker_device_officer_time_and_mark",),
        "every film lies eight hours away from its time",
    ),
    Fault(
        "two devices on one card are no conflict",
        "ingest/identify.py",
        "noted if len(devices) > 1 else ()",
        "noted if len(devices) > 2 else ()",
        (f"{CLAIMS}::test_two_devices_contradict_each_other",),
        "films of one officer are filed under another",
    ),
    Fault(
        "a measured clock is replaced by a guess",
        "ingest/identify.py",
        '    if reading.kind == "measured":\n',
        '    if reading.kind == "at_least":\n',
        (f"{CLAIMS}::test_a_measured_clock_is_left_as_it_was_measured",),
        "the one proof of a recorder's time is thrown away",
    ),
    Fault(
        "cuts that a parser answers are not checked",
        "ingest/probe.py",
        "        check_cuts(cuts, size)\n",
        "",
        (f"{ANSWER}::test_a_lie_is_refused_and_becomes_a_finding",),
        "a taken-over child decides which bytes are sealed",
    ),
    Fault(
        "true is taken for a number in a parser's answer",
        "ingest/probe.py",
        "    if type(value) is not int or not least <= value <= INTEGER_LIMIT:\n",
        "    if not isinstance(value, int) or not least <= value <= INTEGER_LIMIT:\n",
        (f"{ANSWER}::test_a_lie_is_refused_and_becomes_a_finding",),
        "an entry is written that no other reader understands",
    ),
    Fault(
        "files that stayed behind are forgotten in the outcome",
        "ingest/outcome.py",
        'return "left_behind" if self.left or partial',
        'return "left_behind" if partial',
        (f"{SESSION}::test_a_recorder_is_emptied_only_when_asked_and_only_of_what_is_certified",),
        "the lamp is green while a film is still on the recorder",
    ),
)
