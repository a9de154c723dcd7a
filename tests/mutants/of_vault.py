"""Faults in the durable steps: what is left out here is lost at the next power cut."""

from tests.mutants.fault import Fault

DURABLE = "tests/unit/vault/test_durable.py"
OBJECTS = "tests/unit/vault/test_objects.py"
CONTRACT = "tests/contract/test_objects.py"
LEDGER = "tests/unit/vault/test_ledger.py"
FAULTED = "tests/unit/vault/test_ledger_faults.py"
REFUSED = "tests/unit/vault/test_ledger_refusals.py"
LOCK = "tests/unit/vault/test_lock.py"
KEYS = "tests/unit/vault/test_keys.py"
STATEMENTS = "tests/unit/vault/test_statements.py"
MOMENTS = "tests/unit/vault/test_moments.py"
PORT = "tests/contract/test_ledger.py"
RESERVE = "tests/unit/vault/test_reserve.py"
CATALOGUE = "tests/contract/test_catalogue.py"
SYNCED = "tests/unit/vault/test_synced.py"

FAULTS = (
    Fault(
        "a file gets its name unsynced",
        "vault/durable.py",
        "            sync_file(descriptor, path)\n\n\ndef _write",
        "            pass\n\n\ndef _write",
        (f"{DURABLE}::test_the_file_is_synced_before_it_has_its_name_and_the_name_after",),
        "after a power cut the name is there and the bytes are zeros",
    ),
    Fault(
        "the directory is not synced after a rename",
        "vault/durable.py",
        "        partial.rename(path)\n    sync_directory(path.parent)\n",
        "        partial.rename(path)\n",
        (f"{DURABLE}::test_a_replaced_file_is_seen_whole_and_leaves_nothing_beside_it",),
        "a published checkpoint is gone after a power cut",
    ),
    Fault(
        "the name of equal bytes is not synced again",
        "vault/durable.py",
        "    is_new = place_new(path, data, scratch=scratch, mode=mode)\n"
        "    sync_directory(path.parent)\n",
        "    is_new = place_new(path, data, scratch=scratch, mode=mode)\n"
        "    if is_new:\n        sync_directory(path.parent)\n",
        (f"{DURABLE}::test_the_name_of_equal_bytes_is_synced_again",),
        "whoever put it there was cut before the sync, and so the name is lost",
    ),
    Fault(
        "a new directory is not durable in the one above it",
        "vault/durable.py",
        "            each.mkdir(mode=mode, exist_ok=True)\n        sync(each.parent)\n",
        "            each.mkdir(mode=mode, exist_ok=True)\n",
        (f"{DURABLE}::test_a_directory_and_its_parents_are_durable_each_in_the_one_above",),
        "everything in it is synced, and the folder itself is lost",
    ),
    Fault(
        "a failed sync is told as an ordinary error",
        "vault/durable.py",
        '        raise FsyncFailedError("fsync_failed", path=str(path)) from error\n',
        "        raise vault_error(error, path) from error\n",
        (f"{DURABLE}::test_a_failed_sync_is_told_once_and_never_tried_again",),
        "somebody tries again, and the kernel says that all is well",
    ),
    Fault(
        "after a failed sync the next one is tried",
        "vault/durable.py",
        "            self._failed = error\n            raise\n",
        "            raise\n",
        (f"{SYNCED}::test_after_a_sync_that_failed_there_is_no_other",),
        "the second sync answers fine over bytes that never reached the medium",
    ),
    Fault(
        "other bytes under a name are taken for ours",
        "vault/durable.py",
        "        _check_same(path, partial)\n",
        "",
        (f"{DURABLE}::test_other_bytes_under_the_name_are_never_touched",),
        "two histories lie under one name",
    ),
    Fault(
        "a short write is not gone on with",
        "vault/durable.py",
        "            left = left[os.write(descriptor, left) :]\n",
        "            left = left[os.write(descriptor, left) : 0]\n",
        (f"{DURABLE}::test_a_short_write_is_gone_on_with",),
        "half of a checkpoint is published",
    ),
    Fault(
        "a staged file is not synced",
        "vault/staged.py",
        "        self._syncs.file(self._descriptor, self._path)\n",
        "",
        (f"{SYNCED}::test_a_staged_file_and_its_name_are_synced",),
        "a film that is sealed is gone after a power cut",
    ),
    Fault(
        "the name of a staged file is not synced",
        "vault/staged.py",
        "        self._syncs.file(self._descriptor, self._path)\n"
        "        self._syncs.directory(self._path.parent)\n",
        "        self._syncs.file(self._descriptor, self._path)\n",
        (f"{SYNCED}::test_a_staged_file_and_its_name_are_synced",),
        "the bytes are on the medium and no name leads to them",
    ),
    Fault(
        "a short direct write is not completed",
        "vault/staged.py",
        "            view = view[count:]\n            if count % ALIGN_BYTES:\n",
        "            view = view[:0]\n            if count % ALIGN_BYTES:\n",
        (f"{SYNCED}::test_a_short_direct_write_is_completed",),
        "a hole of zeros in the middle of a film",
    ),
    Fault(
        "what is read back may come from the page cache",
        "vault/staged.py",
        "        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)\n",
        "",
        (f"{SYNCED}::test_the_page_cache_is_dropped_before_reading_back",),
        "what we wrote is compared with what we wrote",
    ),
    Fault(
        "the name of an object is not synced",
        "vault/objects.py",
        "            self._syncs.directory(target.parent)\n",
        "            pass\n",
        (f"{SYNCED}::test_an_object_is_durable_before_its_staged_name_goes",),
        "a sealed film has no name after a power cut",
    ),
    Fault(
        "the staged name goes before the name of the object is durable",
        "vault/objects.py",
        "            self._syncs.directory(target.parent)\n"
        '        with self._steps("objects.unstage"):\n'
        "            staged.discard()\n",
        "            staged.discard()\n"
        '        with self._steps("objects.unstage"):\n'
        "            self._syncs.directory(target.parent)\n",
        (f"{SYNCED}::test_an_object_is_durable_before_its_staged_name_goes",),
        "a power cut in between takes both names",
    ),
    Fault(
        "an object stays writable",
        "vault/objects.py",
        "            os.fchmod(descriptor, 0o444)\n",
        "            os.fchmod(descriptor, 0o644)\n",
        (f"{OBJECTS}::test_an_object_in_custody_is_read_only",),
        "any program of the vault's user can change a film",
    ),
    Fault(
        "a staged name that is an object already is written through",
        "vault/objects.py",
        "        if os.fstat(descriptor).st_nlink == 1:\n",
        "        if os.fstat(descriptor).st_nlink >= 1:\n",
        (
            (
                f"{OBJECTS}"
                "::test_a_cut_between_link_and_unlink_never_lets_the_object_be_written_through"
            ),
        ),
        "the next docking overwrites a film in custody",
    ),
    Fault(
        "a symbolic link in the staging is followed",
        "vault/objects.py",
        "    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW\n",
        "    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC\n",
        (f"{OBJECTS}::test_a_staging_name_that_is_a_symbolic_link_is_refused",),
        "a file outside the vault is overwritten",
    ),
    Fault(
        "two slots write into one staged file",
        "vault/objects.py",
        "        except BlockingIOError:\n            return None\n        if os.fstat",
        "        except BlockingIOError:\n            pass\n        if os.fstat",
        (f"{CONTRACT}::test_two_at_work_on_the_same_key_get_two_files",),
        "two films are mixed into one",
    ),
    Fault(
        "the reserve is given to the file that comes next",
        "vault/objects.py",
        "        if free - expected_size < self._reserve_bytes:\n",
        "        if free < self._reserve_bytes:\n",
        (f"{RESERVE}::test_a_file_that_would_take_one_byte_of_the_reserve_is_refused",),
        "the ledger has no room to say why it stops",
    ),
    Fault(
        "a roll that was put is not compared with what the medium has",
        "vault/objects.py",
        "        if found != sha256:\n",
        "        if not found:\n",
        (f"{OBJECTS}::test_a_rotten_roll_is_not_taken_for_stored",),
        "the proof of every slice is lost and nobody knows",
    ),
    Fault(
        "the checkpoint is published before it is signed into the lock",
        "vault/commit.py",
        '        with self.steps("ledger.lock"):\n'
        "            self.lock.compare_and_swap(old.size, old.root, new)\n"
        "        self.tree.apply(new)\n"
        "        self.tree.publish(new)\n",
        "        self.tree.apply(new)\n"
        "        self.tree.publish(new)\n"
        '        with self.steps("ledger.lock"):\n'
        "            self.lock.compare_and_swap(old.size, old.root, new)\n",
        (f"{LEDGER}::test_the_steps_of_a_batch_come_in_the_order_of_the_design",),
        "the world has seen a tree that we then take back",
    ),
    Fault(
        "callers are told before the checkpoint is published",
        "vault/commit.py",
        "        self.tree.publish(new)\n\n",
        "\n",
        (f"{LEDGER}::test_the_steps_of_a_batch_come_in_the_order_of_the_design",),
        "a recorder is erased under an entry that nobody can look up",
    ),
    Fault(
        "the staging is dropped before the names of its tiles are durable",
        "vault/commit.py",
        "        self.tree.sync()\n",
        "",
        (f"{LEDGER}::test_the_steps_of_a_batch_come_in_the_order_of_the_design",),
        "after a power cut a promised batch is nowhere",
    ),
    Fault(
        "a start trusts names that were not synced",
        "vault/recovery.py",
        "(behind or tree.is_staged(head))",
        "behind",
        (f"{FAULTED}::test_names_that_were_not_synced_are_synced_by_the_next_start",),
        "killed, started again, and then the power goes: the last batch is gone",
    ),
    Fault(
        "callers are told before anything is durable",
        "vault/appender.py",
        "        failure = self._commit(batch) if batch.leaves else None\n"
        "        return [_outcome(each, failure, self.head.size) for each in added]\n",
        "        told = [_outcome(each, None, batch.end) for each in added]\n"
        "        if batch.leaves:\n            self._commit(batch)\n        return told\n",
        (f"{FAULTED}::test_every_caller_of_a_broken_batch_is_told",),
        "a recorder forgets films whose entries never came to be",
    ),
    Fault(
        "statements are written after their entries are signed",
        "vault/commit.py",
        "        if batch.statements:\n            self._keep_statements(batch)\n"
        "        contents = list(grow(old.size, batch.leaves, batch.leaf_hashes, "
        "self.reader.tile))\n",
        "        contents = list(grow(old.size, batch.leaves, batch.leaf_hashes, "
        "self.reader.tile))\n"
        "        self.tree.stage(signed_head(self.signer, old.size, old.root), contents)\n"
        "        if batch.statements:\n            self._keep_statements(batch)\n",
        (f"{LEDGER}::test_the_steps_of_a_batch_come_in_the_order_of_the_design",),
        "an entry commits to names that nobody has",
    ),
    Fault(
        "the lock is moved whatever root it holds",
        "vault/lock.py",
        "WHERE size=? AND root=? AND size<?",
        "WHERE size=? AND (root=? OR 1) AND size<?",
        (f"{LOCK}::test_a_second_branch_is_refused_and_changes_nothing",),
        "two branches of one ledger are signed",
    ),
    Fault(
        "a lock that did not move is not noticed",
        "vault/lock.py",
        "connection.execute(update, values).rowcount != 1:",
        "connection.execute(update, values).rowcount > 1:",
        (f"{LOCK}::test_of_two_writers_with_one_view_the_second_is_refused",),
        "two writers each believe that they have signed",
    ),
    Fault(
        "the lock's file lets its checkpoint go back",
        "vault/lock.py",
        "BEFORE UPDATE ON head WHEN NEW.size <= OLD.size",
        "BEFORE UPDATE ON head WHEN NEW.size < 0",
        (f"{LOCK}::test_the_file_itself_refuses_to_go_back",),
        "one line of SQL undoes a day",
    ),
    Fault(
        "the last checkpoints are not waited for on the disk",
        "vault/database.py",
        'synchronous: Literal["FULL", "NORMAL"] = "FULL"',
        'synchronous: Literal["FULL", "NORMAL"] = "NORMAL"',
        ("tests/unit/vault/test_database.py",),
        "after a power cut the lock is behind what was published",
    ),
    Fault(
        "what a caller expects is not looked at",
        "vault/batch.py",
        "            if last != expected:\n",
        "            if last is not None and last < 0:\n",
        (f"{PORT}::test_an_expectation_that_does_not_hold_refuses_the_whole_call",),
        "two people decide the same question",
    ),
    Fault(
        "the index of the entry before is one too low",
        "vault/batch.py",
        "        self.lasts |= dict.fromkeys(draft.about, seq)\n",
        "        self.lasts |= dict.fromkeys(draft.about, max(seq - 1, 0))\n",
        (f"{PORT}::test_each_entry_names_the_one_before_it_about_the_same_subject",),
        "an entry can be hidden between the two",
    ),
    Fault(
        "private facts stand in the entry",
        "vault/batch.py",
        "{**draft.body, **_roll(statement)}",
        "{**draft.body, **statement.facts, **_roll(statement)}",
        (f"{PORT}::test_an_entry_commits_to_its_statement_and_says_nothing_of_it",),
        "names are published for ever",
    ),
    Fault(
        "statements are salted alike",
        "vault/batch.py",
        "secrets.token_hex(_SALT_BYTES)",
        "bytes(_SALT_BYTES).hex()",
        (f"{PORT}::test_two_equal_statements_have_different_commitments",),
        "whoever guesses a name can prove it by the public entry",
    ),
    Fault(
        "a statement that was signed is taken as often as it is given",
        "vault/batch.py",
        "digests & self._salted or self._kept(digests)",
        "digests & self._salted",
        (f"{PORT}::test_a_statement_that_came_with_its_salt_is_taken_once",),
        "who gives it twice makes the acts of everybody beside them fail",
    ),
    Fault(
        "lines of an inventory are not salted",
        "vault/batch.py",
        "secrets.token_hex(_LINE_SALT_BYTES)",
        "bytes(_LINE_SALT_BYTES).hex()",
        (f"{PORT}::test_a_roll_is_counted_rooted_and_each_line_salted",),
        "one line that is shown gives the others away",
    ),
    Fault(
        "a lock behind the tree is accepted at the start",
        "vault/recovery.py",
        "    if published.size > head.size:\n",
        "    if published.size < 0:\n",
        (f"{REFUSED}::test_a_lock_that_was_put_back_from_a_backup_is_refused",),
        "a second branch is signed over the published one",
    ),
    Fault(
        "two trees of one size are accepted at the start",
        "vault/recovery.py",
        "    if published.size == head.size and published.root != head.root:\n",
        "    if published.size == head.size and not published.root:\n",
        (f"{REFUSED}::test_a_second_branch_of_the_same_size_is_refused",),
        "a forked ledger goes on",
    ),
    Fault(
        "damaged tiles are built upon",
        "vault/recovery.py",
        "    if frontier.root() != head.root:\n",
        "    if not frontier.root():\n",
        (f"{REFUSED}::test_a_damaged_right_edge_is_seen_at_the_start",),
        "every later checkpoint signs the damage",
    ),
    Fault(
        "after an unknown outcome the ledger goes on",
        "vault/appender.py",
        "            self.stopped = error\n            unknown =",
        "            unknown =",
        (f"{FAULTED}::test_when_the_outcome_is_unknown_the_process_writes_no_more",),
        "a batch stands in the ledger twice",
    ),
    Fault(
        "after a failed sync the ledger goes on",
        "vault/appender.py",
        " and not isinstance(error, FsyncFailedError):\n",
        ":\n",
        (f"{FAULTED}::test_a_full_disk_is_survived_and_a_failed_sync_is_not",),
        "the next checkpoint rests on bytes that never reached the medium",
    ),
    Fault(
        "an acknowledged entry is unknown until the index is written",
        "vault/appender.py",
        "        self._pending = batch  # before",
        "        # before",
        (f"{LEDGER}::test_an_acknowledged_entry_is_known_before_the_index_is",),
        "a film is sealed a second time in the same moment",
    ),
    Fault(
        "a clock that went back by a day is followed",
        "vault/moments.py",
        "    if last - moment <= BACK_LIMIT:\n        return last\n",
        "    if last - moment <= BACK_LIMIT:\n        return last\n    return moment\n",
        (f"{MOMENTS}::test_a_millisecond_more_is_refused",),
        "entries are dated before those that they follow",
    ),
    Fault(
        "a clock may go back a second further than 60",
        "vault/moments.py",
        "BACK_LIMIT = timedelta(seconds=60)",
        "BACK_LIMIT = timedelta(seconds=61)",
        (f"{MOMENTS}::test_a_millisecond_more_is_refused",),
        "nobody is asked when the clock was set back",
    ),
    Fault(
        "one key serves all subjects",
        "vault/keys.py",
        "{subject: secrets.token_bytes(KEY_BYTES) for subject in missing}",
        "dict.fromkeys(missing, secrets.token_bytes(KEY_BYTES))",
        (f"{KEYS}::test_each_subject_has_a_key_of_its_own_and_keeps_it",),
        "to forget one officer is to forget all",
    ),
    Fault(
        "a secret that others can read is used",
        "vault/keys.py",
        "        if path.stat().st_mode & _OTHERS:\n",
        "        if path.stat().st_mode & 0:\n",
        (f"{KEYS}::test_a_signing_key_that_others_can_read_is_refused",),
        "whoever copied the key signs our checkpoints",
    ),
    Fault(
        "ids of recorders follow from their serials alone",
        "vault/keys.py",
        "hmac.digest(secret, text.encode(), 'sha256')",
        "hmac.digest(b'', text.encode(), 'sha256')",
        (f"{KEYS}::test_a_pseudonym_is_the_hmac_of_rfc_2104",),
        "all serials are tried, and every recorder has its name back",
    ),
    Fault(
        "a statement is not bound to its subject and its commitment",
        "vault/statements.py",
        '    return b"\\0".join((_PURPOSE, commitment.of.encode(), commitment.sha256.encode()))\n',
        "    return _PURPOSE\n",
        (f"{SYNCED}::test_a_statement_is_bound_to_its_subject_and_its_commitment",),
        "ciphertexts of one subject can change places",
    ),
    Fault(
        "all statements are encrypted under one nonce",
        "vault/statements.py",
        "    nonce = secrets.token_bytes(NONCE_BYTES)\n",
        "    nonce = bytes(NONCE_BYTES)\n",
        (f"{STATEMENTS}::test_equal_facts_do_not_look_equal",),
        "two statements under one key give each other away",
    ),
    Fault(
        "a decrypted statement is not held against its commitment",
        "vault/statements.py",
        "    if sha256(plain).hexdigest() != commitment.sha256:\n",
        "    if not plain:\n",
        (f"{STATEMENTS}::test_a_row_under_the_right_key_with_other_plain_bytes_is_told",),
        "whoever has the key writes other names behind an entry",
    ),
    Fault(
        "an entry in another's place is read as that",
        "vault/reader.py",
        "    if entry.seq != index:\n",
        "    if entry.seq < 0:\n",
        ("tests/unit/vault/test_reader.py::test_an_entry_in_anothers_place_is_told",),
        "decisions rest on the wrong entry",
    ),
    Fault(
        "an index of another ledger is gone on with",
        "vault/subjects.py",
        "        if applied > size or (applied and leaf_hash(reader.leaf(applied - 1, "
        "size)) != tip):\n",
        "        if applied > size:\n",
        ("tests/unit/vault/test_subjects.py",),
        "histories of two ledgers are mixed",
    ),
    Fault(
        "the catalogue takes entries wherever they begin",
        "vault/catalogue.py",
        "update(meta).where(meta.c.applied == first)",
        "update(meta).where(meta.c.one == 1)",
        ("tests/contract/test_catalogue.py::test_a_gap_is_refused_and_nothing_is_applied",),
        "a search answers that there is no such film",
    ),
    Fault(
        "the catalogue takes entries with a gap between them",
        "vault/projection.py",
        "        if entry.seq != seq:\n",
        "        if entry.seq < 0:\n",
        ("tests/contract/test_catalogue.py::test_a_gap_inside_a_batch_applies_nothing_of_it",),
        "the catalogue is no view of the ledger any more",
    ),
    Fault(
        "one odd entry ends all searching",
        "vault/projection.py",
        "        for name, row in project_or_name(entry, statement):\n",
        "        for name, row in project(entry, statement):\n",
        (f"{CATALOGUE}::test_an_entry_that_has_not_its_form_keeps_no_other_from_being_found",),
        "nothing that was sealed since is found until somebody looks why",
    ),
)
