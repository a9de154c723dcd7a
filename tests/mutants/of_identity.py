"""Faults in who signs in and who has signed: each lets somebody be the unit head for one click."""

from tests.mutants.fault import Fault

ASSERTION = "tests/unit/evidence/test_webauthn.py"
APPROVAL = "tests/unit/evidence/test_approval.py"
SESSIONS = "tests/unit/custody/test_sessions.py"
SIGN_IN = "tests/unit/custody/test_sign_in.py"
LOCKOUT = "tests/unit/custody/test_lockout.py"
ENROLMENT = "tests/unit/custody/test_enrolment.py"
KEYS = "tests/unit/custody/test_keys.py"
PASSWORDS = "tests/unit/vault/test_passwords.py"
ACCOUNTS = "tests/contract/test_accounts.py"
AUTHORITY = "tests/unit/appliance/test_ca.py"
SPOILT = f"{ASSERTION}::test_what_is_spoilt_is_refused_although_it_is_signed"

FAULTS = (
    Fault(
        "an assertion over anything is taken",
        "evidence/webauthn.py",
        '    if said.get("challenge") != base64url(challenge):  # 11.\n',
        '    if "challenge" not in said:  # 11.\n',
        (f"{ASSERTION}::test_a_replay_over_another_challenge_is_refused",),
        "one signature approves everything for ever",
    ),
    Fault(
        "the page is taken from the envelope, which nobody signed",
        "evidence/webauthn.py",
        'if said.get("origin") not in origins or said.get("origin") != told_origin:',
        "if told_origin not in origins:",
        (f"{SPOILT}[client data that name another page]",),
        "a page that looks like ours collects signatures",
    ),
    Fault(
        "the relying party is compared with what the envelope says",
        "evidence/webauthn.py",
        "if data[:32] != sha256(credential.rp.encode()).digest():",
        "if not data[:32]:",
        (f"{ASSERTION}::test_the_hash_of_the_relying_party_counts_and_not_what_the_envelope_says",),
        "a login is used as an approval",
    ),
    Fault(
        "a key that asked nobody for a PIN decides",
        "evidence/webauthn.py",
        "if not flags & _VERIFIED:",
        "if not flags & (_VERIFIED | _PRESENT):",
        (f"{SPOILT}[nobody proved who they are]",),
        "whoever finds the key on the desk is the head",
    ),
    Fault(
        "a key may be copied though it was registered as one of a kind",
        "evidence/webauthn.py",
        "credential.device_bound is not None and credential.device_bound is eligible",
        "credential.device_bound is False and not eligible",
        (f"{SPOILT}[a copy of a key that cannot be copied]",),
        "the head's key lies in somebody's cloud",
    ),
    Fault(
        "a point of small order is a key",
        "evidence/webauthn.py",
        "y >= _PRIME or y in _SMALL_ORDER",
        "y >= _PRIME",
        (f"{ASSERTION}::test_points_by_which_anybody_could_sign_are_refused",),
        "a head denies all that they signed: anybody could have",
    ),
    Fault(
        "a key has two encodings",
        "evidence/webauthn.py",
        "not isinstance(name, int) or order <= before",
        "not isinstance(name, int)",
        (f"{ASSERTION}::test_a_key_has_one_encoding",),
        "two verifiers read two keys in the same bytes",
    ),
    Fault(
        "base64url has several forms",
        "evidence/webauthn.py",
        "    if base64url(data) != text:\n",
        '    if base64url(data).rstrip("A") == text:\n',
        (f"{ASSERTION}::test_bits_that_no_byte_has_are_refused",),
        "an entry can be changed and still verify",
    ),
    Fault(
        "a key for signing in decides",
        "evidence/approval.py",
        'if key.use != "sign":',
        'if key.use == "none":',
        (f"{APPROVAL}::test_a_login_key_decides_nothing",),
        "a hole in the large application is enough to approve",
    ),
    Fault(
        "a revoked key goes on deciding",
        "evidence/approval.py",
        "(index is None or key.revoked < index)",
        "(index is not None and key.revoked == index)",
        (f"{APPROVAL}::test_a_revoked_key_signs_nothing_later_and_keeps_what_it_signed",),
        "the stolen key outlives its report",
    ),
    Fault(
        "the key of somebody else signs for the actor",
        "evidence/approval.py",
        "if key.person != actor:",
        "if not key.person:",
        (f"{APPROVAL}::test_somebody_else_cannot_use_the_key",),
        "any head decides as any other",
    ),
    Fault(
        "the subjects are not signed",
        "evidence/approval.py",
        '"about": sorted(about),',
        '"about": [],',
        (f"{APPROVAL}::test_a_signature_for_another_decision_is_refused[another segment]",),
        "an approval is moved to another recording",
    ),
    Fault(
        "a key in a file counts everywhere",
        "evidence/approval.py",
        "        if not software:\n",
        "        if not software and not key.public:\n",
        (f"{APPROVAL}::test_a_key_in_a_file_signs_nothing_elsewhere",),
        "whoever can copy a file is the head",
    ),
    Fault(
        "a key that decides is bound to the login host",
        "custody/keys.py",
        'return desk.hosts.rp if key.use == "sign" else name_of(',
        "return key.rp or name_of(",
        (f"{KEYS}::test_a_key_that_is_none_is_refused",),
        "a page of the login host asks it to decide",
    ),
    Fault(
        "a suspended person stays signed in",
        "custody/sessions.py",
        "    if entrance.active(session.person) is None:\n",
        "    if session.person not in entrance.register.people:\n",
        (f"{SESSIONS}::test_a_suspended_person_is_out_at_once",),
        "who was sent home goes on looking",
    ),
    Fault(
        "a session lasts while it is used",
        "custody/sessions.py",
        "if now - session.opened_at >= ABSOLUTE:",
        "if now - session.seen_at >= ABSOLUTE:",
        (f"{SESSIONS}::test_use_keeps_a_session_alive_but_not_for_ever",),
        "a stolen token is good for ever",
    ),
    Fault(
        "a session works before it is in the ledger",
        "custody/sessions.py",
        '    entrance.desk.ledger.append([Draft("session.opened", person, (person,), body)])\n'
        "    entrance.accounts.sessions.open(session)\n",
        "    entrance.accounts.sessions.open(session)\n"
        '    entrance.desk.ledger.append([Draft("session.opened", person, (person,), body)])\n',
        (f"{SESSIONS}::test_without_the_ledger_nobody_gets_in",),
        "somebody was here, and no entry says so",
    ),
    Fault(
        "an end that could not be written is forgotten",
        "custody/sessions.py",
        "    for session in entrance.accounts.sessions.unwritten():\n"
        "        _write_end(entrance, session)\n",
        "",
        (f"{SESSIONS}::test_a_session_ends_although_the_ledger_cannot_write_and_is_written_later",),
        "the ledger shows somebody signed in for ever",
    ),
    Fault(
        "the lock is asked before the password only",
        "custody/sign_in.py",
        "        raise\n    check_allowed(entrance, account, came)\n",
        "        raise\n",
        (f"{LOCKOUT}::test_of_many_who_guess_at_once_none_gets_through_after_the_fifth",),
        "a thousand guesses at once are one guess",
    ),
    Fault(
        "what the lock refuses counts",
        "custody/lockout.py",
        "note_failure(entrance, account, came, because, counts=False)",
        "note_failure(entrance, account, came, because)",
        (f"{LOCKOUT}::test_the_lock_ends_also_for_who_knocks_on",),
        "anybody locks the head out for ever",
    ),
    Fault(
        "an account gets slower also where its owner sits",
        "custody/lockout.py",
        "last is None or failures.known(account, came.address, now - KNOWN)",
        "last is None",
        (f"{LOCKOUT}::test_nobody_slows_the_head_down_where_the_head_has_signed_in_before",),
        "anybody keeps the head from deciding",
    ),
    Fault(
        "a code goes around the key",
        "custody/sign_in.py",
        "    if login_keys(entrance, person):\n        return _ask_key(entrance, person, ",
        '    if login_keys(entrance, person) and by != "code":\n'
        "        return _ask_key(entrance, person, ",
        (f"{ENROLMENT}::test_a_code_in_the_hands_of_an_administrator_is_not_the_head_s_key",),
        "an administrator is whoever they like",
    ),
    Fault(
        "a changed password leaves other sessions open",
        "custody/enrolment.py",
        '    end_all(entrance, person, "password_changed", but=present.session.name)\n',
        "",
        (f"{ENROLMENT}::test_a_changed_password_ends_every_other_session_and_renews_this_one",),
        "the thief stays inside",
    ),
    Fault(
        "a challenge for signing in proves again who it is",
        "custody/sign_in.py",
        'person = prove_key(entrance, "step_up", challenge, envelope, came)',
        'person = prove_key(entrance, "sign_in", challenge, envelope, came)',
        (
            f"{SIGN_IN}::test_a_question_for_signing_in_is_none_for_proving_again",
            f"{SIGN_IN}::test_proving_again_needs_the_key_where_there_is_one",
        ),
        "one touch of the key is used for two things",
    ),
    Fault(
        "a ticket is taken by everybody who is quick",
        "vault/accounts.py",
        '"DELETE FROM tickets WHERE kind = ? AND digest = ?"\n'
        '                " RETURNING person, until, CAST(content AS BLOB)",',
        '"SELECT person, until, CAST(content AS BLOB) FROM tickets"\n'
        '                " WHERE kind = ? AND digest = ?",',
        (f"{ACCOUNTS}::test_a_ticket_is_taken_once[file]",),
        "an enrolment code makes two people one",
    ),
    Fault(
        "a session that ended can be renewed",
        "vault/accounts.py",
        '"DELETE FROM sessions WHERE token = ? AND ended IS NULL", (token,)',
        '"DELETE FROM sessions WHERE token = ?", (token,)',
        (f"{ACCOUNTS}::test_a_session_that_ended_comes_back_by_nothing[file]",),
        "a suspended person comes back by proving who they are",
    ),
    Fault(
        "a name that nobody has is told at once",
        "vault/passwords.py",
        "self._hasher.verify(encoded or self._nobody, password)",
        'self._hasher.verify(encoded or "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA", password)',
        (f"{PASSWORDS}::test_a_name_that_nobody_has_costs_a_hash_of_the_same_size",),
        "the clock tells who has an account",
    ),
    Fault(
        "every sign-in takes its memory at once",
        "vault/passwords.py",
        "AT_ONCE = 2\n",
        "AT_ONCE = 200\n",
        (f"{PASSWORDS}::test_at_most_two_are_hashed_at_once",),
        "the page for signing in fills the memory of the appliance",
    ),
    Fault(
        "the authority may name addresses",
        "appliance/ca.py",
        "    return x509.NameConstraints(permitted, excluded)\n",
        "    return x509.NameConstraints(permitted, None if excluded else None)\n",
        (f"{AUTHORITY}::test_a_stolen_authority_speaks_for_nobody_else[10.0.0.7]",),
        "its root, trusted everywhere, speaks for every machine without a name",
    ),
)
