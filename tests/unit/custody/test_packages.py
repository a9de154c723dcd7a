"""A copy leaves with its proof, whole or not at all; who verifies it needs nobody of ours."""

import json
from base64 import b64decode
from dataclasses import replace
from hashlib import sha256
from secrets import token_hex

import pytest

from appliance.copying import Copying, copy_grant
from appliance.folder import INCOMPLETE, PackageFolder
from custody.decide import Answer, decide, propose
from custody.grants import load_grant, withdraw_grant
from custody.packages import entry_names, parse_manifest, verify_package
from custody.tree import Tree
from evidence.approval import challenge, signature_of, statement_digest
from evidence.asking import Approval, Span
from evidence.canonical import decode, encode
from evidence.errors import (
    EvidenceError,
    IntegrityError,
    LedgerUnavailableError,
    ProofError,
    RefusedError,
    UsageError,
    VaultUnavailableError,
)
from evidence.note import parse_vkey
from evidence.people import ORGANISATION
from evidence.proof import encode as encode_proof
from evidence.webauthn import base64url
from tests.fakes.desk import FILES, docked, person
from tests.fakes.grants import asked, granted
from tests.fakes.house import House
from tests.tools.authenticator import Authenticator
from tests.unit.evidence.test_proof import STRANGER
from vault.places import places_of

MIB = 1 << 20
CONTENTS = tuple(FILES.values())


@pytest.fixture(scope="module")
def bureau(tmp_path_factory):
    made, segments = docked(House(tmp_path_factory.mktemp("home")))
    made.segments = segments
    made.key = parse_vkey(places_of(made.house.root).vkey.read_text().strip())
    yield made
    made.house.close()


def copying(bureau, grant, spans=None, by="supervisor"):
    return Copying(bureau.desk, bureau.key, bureau.actor(by), grant.id, spans, "how to verify\n")


def tell(done, size):
    assert 0 < done <= size


def copy(bureau, folder, grant, spans=None):
    return copy_grant(copying(bureau, grant, spans), folder, tell)


@pytest.fixture(scope="module")
def package(bureau, tmp_path_factory):
    """A package of a whole segment and of a part of another."""
    folder = tmp_path_factory.mktemp("disc") / "copy"
    grant = granted(bureau, bureau.segments[0], Span(bureau.segments[1], 1, 2))
    copy(bureau, folder, grant)
    return folder


def names(folder):
    return sorted(PackageFolder(folder).names())


def manifest(folder):
    return json.loads((folder / "manifest.json").read_bytes())


def test_a_package_holds_films_entries_proofs_and_says_how_to_verify(bureau, package):
    report = verify_package(PackageFolder(package), bureau.key)
    whole, part = report.package.files
    first, second = (each[2:] for each in bureau.segments[:2])
    assert whole.path == f"segments/{first}.bin"
    assert part.path == f"segments/{second}.1-2.part"
    assert (package / whole.path).read_bytes() == CONTENTS[0]
    assert (package / part.path).read_bytes() == CONTENTS[1][MIB:]
    assert report.bytes == len(CONTENTS[0]) + len(CONTENTS[1]) - MIB
    assert (report.holder, report.approver) == (person("supervisor"), person("head"))
    assert report.signed == "software/1"
    papers = {"manifest.json", "README.txt", "vkey", f"slices/{first}.jsonl"}
    assert papers < set(names(package))
    assert len([name for name in names(package) if name.endswith(".tlog-proof")]) == 7


def test_no_name_of_a_recorder_stands_in_a_package(package):
    everything = " ".join(names(package)).encode() + b"".join(
        (package / name).read_bytes() for name in names(package) if not name.startswith("segments/")
    )
    assert b"F1.MP4" not in everything


def test_the_proofs_are_read_by_somebody_who_knows_only_the_standards(package):
    for index in {manifest(package)[name] for name in ("request", "decision", "opened", "closed")}:
        raw = (package / "entries" / f"{index}.json").read_bytes()
        head, note = (package / "entries" / f"{index}.tlog-proof").read_text().split("\n\n", 1)
        _, place, *hashes = head.split("\n")
        size, root = int(note.split("\n")[1]), b64decode(note.split("\n")[2])
        assert place == f"index {index}"
        node, at, last = sha256(b"\0" + raw).digest(), index, size - 1
        for each in (b64decode(line) for line in hashes):
            left = at & 1 or at == last
            node = sha256(b"\1" + (each + node if left else node + each)).digest()
            while left and not at & 1 and at:
                at, last = at >> 1, last >> 1
            at, last = at >> 1, last >> 1
        assert node == root


def test_one_span_asked_for_twice_is_one_file(bureau, tmp_path):
    grant = granted(bureau, bureau.segments[2])
    span = Span(bureau.segments[2], 0, 0)
    report = copy(bureau, tmp_path / "copy", grant, [span, span])
    assert len(report.package.files) == 1


def test_two_parts_of_one_film_share_its_slices(bureau, tmp_path):
    grant = granted(bureau, bureau.segments[2])
    spans = [Span(bureau.segments[2], 0, 0), Span(bureau.segments[2], 2, 2)]
    report = copy(bureau, tmp_path, grant, spans)  # an empty folder that is there
    assert len(report.package.files) == 2
    assert len([name for name in names(tmp_path) if name.startswith("slices/")]) == 1


def test_a_folder_with_anything_in_it_is_refused_before_the_grant_is_used(bureau, tmp_path):
    grant = granted(bureau, bureau.segments[0])
    (tmp_path / "holiday.jpg").write_text("mine")
    before = bureau.house.store.size
    with pytest.raises(UsageError):
        copy(bureau, tmp_path, grant)
    with pytest.raises(UsageError):
        copy(bureau, tmp_path / "holiday.jpg", grant)
    assert bureau.house.store.size == before
    assert (tmp_path / "holiday.jpg").read_text() == "mine"


def test_a_refused_copy_leaves_nothing_behind(bureau, tmp_path):
    grant = granted(bureau, bureau.segments[0])
    with pytest.raises(RefusedError):
        copy_grant(copying(bureau, grant, by="officer"), tmp_path / "new", tell)
    assert list(tmp_path.iterdir()) == []


def test_a_copy_that_is_cut_off_leaves_nothing_that_looks_like_one(bureau, tmp_path):
    grant = granted(bureau, *bureau.segments)
    done = []

    def stop(now, size):
        del size
        done.append(now)
        if len(done) == 4:
            withdraw_grant(bureau.desk, bureau.actor("head"), grant.id, "a mistake")
            bureau.clock.forward(seconds=2)

    with pytest.raises(RefusedError):
        copy_grant(copying(bureau, grant), tmp_path / "new", stop)
    assert list(tmp_path.iterdir()) == []
    ended = bureau.house.entries("copy.closed")[-1].body
    assert (ended["how"], ended["bytes"]) == ("withdrawn", done[-1])


def test_a_folder_that_was_there_stays_empty_when_the_copy_fails(bureau, tmp_path):
    grant = granted(bureau, bureau.segments[0])

    def fail(done, size):
        raise VaultUnavailableError("planted", done=done, size=size)

    with pytest.raises(VaultUnavailableError):
        copy_grant(copying(bureau, grant), tmp_path, fail)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_leaves_says_by_its_name_what_it_is(bureau, tmp_path, monkeypatch):
    grant = granted(bureau, bureau.segments[0])
    monkeypatch.setattr("shutil.rmtree", lambda *_, **__: None)  # nobody is there to clean up
    with pytest.raises(KeyboardInterrupt):
        copy_grant(copying(bureau, grant), tmp_path, interrupt)
    assert [path.name for path in tmp_path.iterdir()] == [INCOMPLETE]
    with pytest.raises(UsageError):
        copy(bureau, tmp_path, grant)


def interrupt(done, size):
    raise KeyboardInterrupt(done, size)


def test_without_its_closed_entry_there_is_no_package(bureau, tmp_path):
    grant = granted(bureau, bureau.segments[0])
    ledger = bureau.ledger

    class Down:
        def __getattr__(self, name):
            return getattr(ledger, name)

        def append(self, drafts):
            if drafts[0].type == "copy.closed":
                raise LedgerUnavailableError("ledger_outcome_unknown", path="planted")
            return ledger.append(drafts)

    asked = replace(copying(bureau, grant), desk=replace(bureau.desk, ledger=Down()))
    with pytest.raises(LedgerUnavailableError):
        copy_grant(asked, tmp_path / "new", tell)
    assert list(tmp_path.iterdir()) == []


# --- what a reader finds -----------------------------------------------------------------------


@pytest.fixture
def taken(package, tmp_path):
    """The package on somebody's own disc, where they can do what they like to it."""
    import shutil  # noqa: PLC0415 - the fixture alone needs it

    return shutil.copytree(package, tmp_path / "taken")


def refuses(bureau, folder, key=None):
    with pytest.raises(EvidenceError) as found:
        verify_package(PackageFolder(folder), key or bureau.key)
    return found.value


def test_every_file_that_is_changed_lost_or_added_is_found(bureau, taken):
    for name in names(taken):
        path = taken / name
        kept = path.read_bytes()
        path.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
        if name not in {"README.txt", "vkey"}:  # nothing is believed because of them
            assert isinstance(refuses(bureau, taken), IntegrityError), name
            path.unlink()
            refuses(bureau, taken)
        path.write_bytes(kept)
    verify_package(PackageFolder(taken), bureau.key)
    (taken / "segments" / "extra.mp4").write_bytes(b"another film")
    assert refuses(bureau, taken).word == "package_differs"


def test_every_slice_that_is_changed_is_found(bureau, taken):
    for each in manifest(taken)["files"]:
        path = taken / each["path"]
        kept = path.read_bytes()
        for at in range(0, len(kept), MIB // 2):
            path.write_bytes(kept[:at] + bytes([kept[at] ^ 1]) + kept[at + 1 :])
            assert isinstance(refuses(bureau, taken), IntegrityError)
        path.write_bytes(kept + b"more")
        assert isinstance(refuses(bureau, taken), IntegrityError)
        path.write_bytes(kept)


def test_a_package_is_believed_only_under_the_key_that_its_reader_has(bureau, taken):
    stranger = replace(STRANGER.verifier, name=bureau.key.name)
    assert isinstance(refuses(bureau, taken, stranger), IntegrityError)
    renamed = replace(bureau.key, name="other.example/dock/1/1")
    assert refuses(bureau, taken, renamed).word == "proof_origin"


def rewritten(folder, **changes):
    body = decode((folder / "manifest.json").read_bytes())
    (folder / "manifest.json").write_bytes(encode({**body, **changes}))


@pytest.mark.parametrize("field", ["request", "decision", "opened", "closed"])
def test_entries_of_another_kind_are_no_leave(bureau, taken, field):
    body = manifest(taken)
    rewritten(taken, **{field: body["files"][0]["sealed"]})
    assert isinstance(refuses(bureau, taken), IntegrityError)


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2},
        {"dockseal": "something"},
        {"grant": "g:" + "0" * 32},
        {"files": []},
        {"files": [1]},
        {"origin": "other.example/dock/1/1"},
    ],
)
def test_a_manifest_that_says_something_else_is_refused(bureau, taken, changes):
    rewritten(taken, **changes)
    assert isinstance(refuses(bureau, taken), IntegrityError)


def changed_file(folder, **changes):
    first, *others = manifest(folder)["files"]
    rewritten(folder, files=[{**first, **changes}, *others])


@pytest.mark.parametrize(
    "changes",
    [
        {"path": "../../etc/passwd"},
        {"path": "vkey"},
        {"segment": "s:" + "0" * 64},
        {"first": 0, "last": 1},
        {"first": 0, "last": 2},
        {"first": 0, "last": 99},
    ],
)
def test_a_file_under_another_description_is_refused(bureau, taken, changes):
    changed_file(taken, **changes)
    assert isinstance(refuses(bureau, taken), IntegrityError)


def test_half_a_package_is_no_package(bureau, taken):
    first, second = manifest(taken)["files"]
    for files in ([first], [second], [second, first], [first, second, first]):
        rewritten(taken, files=files)
        assert isinstance(refuses(bureau, taken), IntegrityError)


def test_a_link_out_of_the_package_is_not_followed(bureau, taken):
    path = taken / manifest(taken)["files"][0]["path"]
    elsewhere = taken.parent / "elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    assert isinstance(refuses(bureau, taken), VaultUnavailableError)


# --- what whoever writes the ledger could still try ----------------------------------------------


def added(bureau, folder, *indexes):
    """Add entries of the ledger to a package, with proofs that hold."""
    tree = Tree(bureau.desk.tiles)
    for index in indexes:
        for name, data in zip(
            entry_names(index), (tree.leaf(index), encode_proof(tree.prove(index))), strict=True
        ):
            (folder / name).write_bytes(data)


def tidied(folder):
    """Take away the entries that the manifest does not name: they would be found as strangers."""
    named = parse_manifest((folder / "manifest.json").read_bytes()).entries
    for path in (folder / "entries").iterdir():
        if int(path.name.partition(".")[0]) not in named:
            path.unlink()


def test_an_entry_under_the_number_of_another_is_refused(bureau, taken):
    body = manifest(taken)
    for kind in range(2):
        ours, theirs = (entry_names(body[name])[kind] for name in ("opened", "closed"))
        (taken / theirs).write_bytes((taken / ours).read_bytes())
    assert refuses(bureau, taken).word == "package_differs"


def test_entries_of_another_copy_are_refused(bureau, taken, tmp_path):
    other = granted(bureau, bureau.segments[0], Span(bureau.segments[1], 1, 2))
    package = copy(bureau, tmp_path / "other", other).package
    ours = parse_manifest((taken / "manifest.json").read_bytes())
    for field in ("request", "decision", "opened", "closed"):
        added(bureau, taken, *ours.entries, *package.entries)
        rewritten(taken, **{field: getattr(package, field)})
        tidied(taken)
        found = refuses(bureau, taken)
        assert (found.word, found.facts["path"][:8]) == ("package_differs", "entries/")
        rewritten(taken, **{field: getattr(ours, field)})
    added(bureau, taken, *ours.entries)
    tidied(taken)
    verify_package(PackageFolder(taken), bureau.key)


@pytest.mark.parametrize("changes", [{"how": "broken"}, {"bytes": 1}])
def test_a_look_that_says_something_else_has_left_is_refused(bureau, taken, changes):
    body = manifest(taken)
    closed = bureau.ledger.entry(body["closed"])
    forged = bureau.write("copy.closed", tuple(closed.about), {**closed.body, **changes})
    added(bureau, taken, forged)
    rewritten(taken, closed=forged)
    tidied(taken)
    assert refuses(bureau, taken).facts["path"] == f"entries/{forged}.json"


def test_slices_beyond_the_end_of_a_film_are_refused(bureau, taken):
    first, part = manifest(taken)["files"]
    path = part["path"].replace(".1-2.", ".1-9.")
    (taken / part["path"]).rename(taken / path)
    rewritten(taken, files=[first, {**part, "path": path, "last": 9}])
    assert refuses(bureau, taken).word == "package_differs"


def test_more_files_than_a_grant_can_have_are_no_manifest(bureau, taken):
    (first, _) = manifest(taken)["files"]
    rewritten(taken, files=[first] * 61)
    assert refuses(bureau, taken).word == "manifest_malformed"


# --- the approver's own signature ----------------------------------------------------------------

RP = "sign.dock1.example"


class Signed:
    """A package of a decision that a security key has signed, and how to sign it otherwise."""

    def __init__(self, bureau, folder):
        self.bureau, self.folder = bureau, folder
        self.authenticator = Authenticator()
        body = {"person": person("head"), "fmt": "webauthn/1", "use": "sign", "rp": RP}
        body |= {"credential": self.authenticator.credential, "device_bound": True, "by": []}
        body |= {"public": base64url(self.authenticator.public), "signer": None}
        about = (ORGANISATION, person("head"))
        self.key = bureau.write("key.registered", about, body)
        request, actor = asked(bureau, bureau.segments[0]), bureau.actor("head")
        self.proposal = propose(bureau.desk, actor, Answer("approve", (request.id,), "yes"))
        approval = self.approval(self.proposal.draft)
        decide(bureau.desk, actor, self.proposal, approval)
        (answered,) = self.proposal.draft.body["requests"]
        copy(bureau, folder, load_grant(bureau.desk, answered["grant"]))

    def approval(self, draft, origin=f"https://{RP}", **spoilt):
        statement = statement_digest(draft.private)
        digest = challenge(draft.type, draft.about, draft.actor, draft.body, statement)
        envelope = self.authenticator.envelope(digest, RP, origin, **spoilt)
        return Approval("webauthn/1", self.key, envelope)

    def again(self, changes=None, key=None, **spoilt):
        """Write the decision once more, with another signature, and put it into the package."""
        before = self.proposal.draft
        private = replace(before.private, salt=token_hex(32))
        draft = replace(before, private=private, expect={})
        approval = replace(self.approval(draft, **spoilt), key=key or self.key)
        body = {**draft.body, "signature": signature_of(approval), **(changes or {})}
        index = self.bureau.ledger.append([replace(draft, body=body)]).indexes[0]
        added(self.bureau, self.folder, index, approval.key)
        rewritten(self.folder, decision=index, key=approval.key)
        tidied(self.folder)


@pytest.fixture
def signed(bureau, tmp_path):
    return Signed(bureau, tmp_path / "signed")


def test_a_package_proves_who_approved_it_with_their_own_key(bureau, signed):
    report = verify_package(PackageFolder(signed.folder), bureau.key)
    assert (report.signed, report.approver) == ("webauthn/1", person("head"))
    signed.again(origin=f"https://{RP}:8443")
    assert verify_package(PackageFolder(signed.folder), bureau.key).signed == "webauthn/1"


@pytest.mark.parametrize(
    "spoilt",
    [
        {"origin": "https://evil.example"},
        {"origin": f"https://{RP}.evil.example"},
        {"origin": f"https://x{RP}"},
        {"origin": f"http://{RP}"},
        {"type": "webauthn.create"},
    ],
)
def test_a_signature_that_is_no_approval_makes_no_package(bureau, signed, spoilt):
    signed.again(**spoilt)
    assert isinstance(refuses(bureau, signed.folder), ProofError)


def test_a_decision_that_says_more_than_was_signed_makes_no_package(bureau, signed):
    signed.again({"times": 99})
    assert isinstance(refuses(bureau, signed.folder), ProofError)


def test_a_signature_by_what_is_no_key_makes_no_package(bureau, signed):
    made = manifest(signed.folder)["request"]
    signed.again(key=made)
    assert refuses(bureau, signed.folder).facts["path"] == f"entries/{made}.json"


def test_a_package_cannot_keep_silent_about_its_signature(bureau, signed):
    rewritten(signed.folder, key=None)
    tidied(signed.folder)
    assert refuses(bureau, signed.folder).facts["path"] == "manifest.json"


def test_a_package_says_so_where_policy_asked_for_no_signature(bureau, tmp_path):
    rules = replace(bureau.desk.rules, password_only=True)
    desk = replace(bureau.desk, rules=rules)
    request, actor = asked(bureau, bureau.segments[0]), bureau.actor("head")
    proposal = propose(desk, actor, Answer("approve", (request.id,), "yes"))
    decide(desk, actor, proposal)
    (answered,) = proposal.draft.body["requests"]
    grant = load_grant(desk, answered["grant"])
    report = copy_grant(replace(copying(bureau, grant), desk=desk), tmp_path / "copy", tell)
    assert report.signed is None
    assert report.package.key is None
