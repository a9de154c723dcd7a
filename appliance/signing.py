"""Signs with a key in a file, for the demo; a security key signs on the page for signing only."""

from pathlib import Path

from appliance.call import Call
from custody.register import read_register
from evidence.asking import Approval
from evidence.errors import ConflictError
from evidence.people import Actor, Use
from vault.softkey import load_soft_key

SIGN: Use = "sign"
DIGEST_SHOWN = 8  # signs of what is signed: they stand on the asker's page too


def approval_by_file(call: Call, who: Actor, challenge: bytes) -> Approval | None:
    """Return the signature by the key of ``--key``; None where no key is named.

    Raises ``ConflictError`` (``key_not_registered``) where it is no signing key of ``who``.
    """
    if call.arguments.key is None:
        return None
    key = load_soft_key(Path(call.arguments.key))
    known = read_register(call.services.desk.ledger).keys.values()
    mine = [each for each in known if (each.person, each.use) == (who.id, SIGN)]
    entry = next((each.entry for each in mine if each.public == key.public), None)
    if entry is None:
        raise ConflictError("key_not_registered")
    return Approval(key.fmt, entry, key.envelope(challenge))
