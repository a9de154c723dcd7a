"""Faults where hostile bytes come in: drivers, parsers, their fence and their deadlines."""

from tests.mutants.fault import Fault

MOUNTS = "tests/unit/drivers/test_mounts.py"
ANSWER = "tests/unit/drivers/test_answer.py"
FOLDER = "tests/unit/drivers/test_folder.py"
ERASE = "tests/unit/drivers/test_erase.py"
FENCE = "tests/process/appliance/test_fence.py"
FRAMES = "tests/unit/appliance/test_child_frames.py"
CHILDREN = "tests/process/appliance/test_children.py"

FAULTS = (
    Fault(
        "extents are not held against the device",
        "drivers/answer.py",
        "            inside = min(wanted, self.device_bytes - offset)\n",
        "            inside = wanted\n",
        (f"{ANSWER}::test_an_extent_beyond_the_device_is_cut_and_noted",),
        "a taken-over parser says where we read",
    ),
    Fault(
        "a file may claim more bytes than its size",
        "drivers/answer.py",
        "            wanted = min(length, left)\n",
        "            wanted = length\n",
        (f"{ANSWER}::test_extents_longer_than_the_file_are_cut_to_its_size",),
        "bytes of the neighbour are sealed as part of a film",
    ),
    Fault(
        "a link in the place of a file is followed",
        "drivers/folder.py",
        "PLAIN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK",
        "PLAIN = os.O_RDONLY | os.O_NONBLOCK",
        (f"{FOLDER}::test_what_takes_the_place_of_a_listed_file_is_not_read",),
        "a card makes us seal /etc/shadow",
    ),
    Fault(
        "a folder that became a link is entered",
        "drivers/remove.py",
        "FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC\n",
        "FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC\n",
        (f"{FOLDER}::test_a_folder_that_became_a_link_is_not_followed",),
        "files outside the card are erased",
    ),
    Fault(
        "links are listed as what they point to",
        "drivers/folder.py",
        "            status = os.stat(name, dir_fd=folder, follow_symlinks=False)\n",
        "            status = os.stat(name, dir_fd=folder, follow_symlinks=True)\n",
        (f"{FOLDER}::test_links_pipes_sockets_and_devices_are_counted_and_never_opened",),
        "a pipe is opened, and the slot hangs",
    ),
    Fault(
        "a file that changes while it is read is not noticed",
        "drivers/folder.py",
        "        # Again at the end: bytes of a file that was written meanwhile are of "
        "no single moment.\n"
        "        self._check(fd, file)\n",
        "",
        (f"{FOLDER}::test_a_file_that_changes_while_it_is_read_is_unreadable",),
        "two halves of two moments are sealed as one film",
    ),
    Fault(
        "what an erase took besides is not looked for",
        "drivers/erase.py",
        "    if lost:\n",
        "    if not chosen:\n",
        (f"{ERASE}::test_a_listing_that_is_no_proof_is_refused",),
        "a film that nobody named is gone, and the proof says that all is well",
    ),
    Fault(
        "what is no longer there as it was sealed is erased",
        "drivers/erase.py",
        "    if missing:\n",
        "    if missing < 0:\n",
        (f"{ERASE}::test_only_what_is_there_as_it_was_sealed_is_planned",),
        "a film recorded since the sealing is erased",
    ),
    Fault(
        "a partial certificate wipes a whole medium",
        "drivers/erase.py",
        "    if not certificate.whole or chosen.others or chosen.unlisted:\n",
        "    if not chosen.named and chosen.others:\n",
        (
            (
                "tests/unit/drivers/test_simulated.py"
                "::test_a_medium_that_can_only_be_wiped_refuses_a_partial_certificate"
            ),
        ),
        "films that could not be read are gone for good",
    ),
    Fault(
        "a device is opened for writing",
        "drivers/device.py",
        "os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | exclusive)",
        "os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOCTTY | exclusive)",
        ("tests/unit/drivers/test_device.py::test_it_is_opened_for_reading_only",),
        "nobody can swear that we changed nothing",
    ),
    Fault(
        "times of a card are read in the zone of the server",
        "drivers/localtime.py",
        "claimed.replace(tzinfo=zone, fold=0)",
        "claimed.replace(tzinfo=UTC, fold=0)",
        (
            (
                "tests/unit/drivers/test_localtime.py"
                "::test_a_time_without_offset_is_read_in_the_configured_zone"
            ),
        ),
        "every file lies eight hours away from its time",
    ),
    Fault(
        "a card gives more than it can hold",
        "drivers/allowance.py",
        "        if self._given + size > self.capacity_bytes * self.percent // 100:\n",
        "        if size > self.capacity_bytes * self.percent // 100:\n",
        (
            (
                "tests/unit/drivers/test_allowance.py"
                "::test_the_last_byte_of_the_allowance_is_given_and_no_further_one"
            ),
        ),
        "files that overlap fill the vault from a card of 32 GB",
    ),
    Fault(
        "the filter of system calls is not installed",
        "appliance/fence.py",
        "    seccomp = machine is not None and _filter_calls(machine)\n",
        "    seccomp = machine is not None\n",
        (f"{FENCE}::test_a_taken_over_child_cannot_get_out[alone-pipe]",),
        "a taken-over parser calls the kernel as it likes",
    ),
    Fault(
        "a child parses without its fence",
        "appliance/fence.py",
        "    if bounds.need_seccomp and not seccomp:\n",
        "    if not bounds.need_seccomp and not seccomp:\n",
        (f"{FENCE}::test_a_child_that_cannot_be_fenced_refuses_to_parse",),
        "on a kernel without seccomp nobody notices that there is no fence",
    ),
    Fault(
        "memory that can be run is allowed in a parser",
        "appliance/bpf.py",
        'Step(ANY_BIT, PROT_EXEC, yes="refuse_exec", no="allow")',
        'Step(ANY_BIT, PROT_EXEC, yes="allow", no="allow")',
        (f"{FENCE}::test_memory_that_can_be_run_is_refused",),
        "a taken-over parser brings its own code",
    ),
    Fault(
        "calls by the other numbers of the processor pass the filter",
        "appliance/bpf.py",
        '        Step(AT_LEAST, X32_BIT, yes="kill"),\n',
        "",
        (f"{FENCE}::test_a_foreign_architecture_and_x32_numbers_end_the_process",),
        "the filter is walked round by one bit",
    ),
    Fault(
        "a parse may last for ever",
        "appliance/children.py",
        "        left = min(self._until, self._quiet_until) - time.monotonic()\n",
        "        left = self._quiet_until - time.monotonic()\n",
        (f"{FRAMES}::test_no_wait_is_longer_than_what_is_left_of_the_parse",),
        "one hostile file blocks a slot for the night",
    ),
    Fault(
        "a child may be silent for ever",
        "appliance/children.py",
        "        left = min(self._until, self._quiet_until) - time.monotonic()\n",
        "        left = self._until - time.monotonic()\n",
        (f"{FRAMES}::test_every_wait_ends_with_the_patience_for_a_silent_child",),
        "one hostile file blocks a slot for minutes",
    ),
    Fault(
        "an answer may be as long as it likes",
        "appliance/children.py",
        "        if length > limit:\n",
        "        if length > 1 << 40:\n",
        (f"{FRAMES}::test_an_answer_longer_than_the_limit_is_refused_by_its_header",),
        "a taken-over parser fills the memory of its parent",
    ),
    Fault(
        "a child serves a second source after a volume",
        "appliance/children.py",
        "            if answered and self._tasks[task].several:\n",
        "            if answered:\n",
        (f"{CHILDREN}::test_a_child_that_saw_a_volume_sees_nothing_else[alone]",),
        "what one card did to the parser meets the next officer's card",
    ),
    Fault(
        "an answer may hold any number of values",
        "appliance/answers.py",
        ' + content.count(b"{") > values:\n',
        ' + content.count(b"{") < 0:\n',
        (f"{CHILDREN}::test_a_child_that_misbehaves_is_refused_by_its_word[alone-many_values]",),
        "eight megabytes of brackets become hundreds of megabytes of lists",
    ),
    Fault(
        "a slot that hangs is never given up",
        "appliance/rack.py",
        "        return patience is not None and silence > patience * self.hung_after_s\n",
        "        return patience is not None and silence < 0\n",
        (
            (
                "tests/process/appliance/test_slots.py"
                "::test_a_slot_that_gives_no_sign_of_life_while_it_reads_is_given_up"
            ),
        ),
        "a hung recorder keeps a slot until somebody restarts the box",
    ),
    Fault(
        "a mount that is not ours is taken away",
        "drivers/mounts.py",
        "    if name is None or point.parent != folder.resolve():\n",
        "    if name is None:\n",
        (f"{MOUNTS}::test_a_mount_that_is_not_at_a_mount_point_of_ours_stays",),
        "the work of another station is cut in the middle",
    ),
    Fault(
        "a mount of another device is taken away",
        "drivers/mounts.py",
        "        if _is_left(mount.point, folder) and _shows(mount.source, path):\n",
        "        if _is_left(mount.point, folder):\n",
        (f"{MOUNTS}::test_a_mount_of_another_device_stays",),
        "a card that nobody docked is touched",
    ),
    Fault(
        "an erase that is still at work loses its mount",
        "drivers/mounts.py",
        "    return not _lives(int(name[1]), int(name[2]))\n",
        "    return True\n",
        (f"{MOUNTS}::test_a_mount_whose_process_still_erases_stays",),
        "what another slot is erasing is pulled away under it",
    ),
    Fault(
        "a docking reads beside a mount that could not be taken away",
        "drivers/mounts.py",
        '                raise DeviceError("device_busy", where=str(path)) from error\n',
        "                logger.debug(error)\n",
        (f"{MOUNTS}::test_what_cannot_be_taken_away_keeps_the_device_busy",),
        "what was listed changes a moment later",
    ),
)
