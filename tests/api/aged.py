"""An office whose footage is over: a pack was adopted, two recordings are labelled, days pass."""

from base64 import urlsafe_b64encode
from datetime import timedelta

from custody.destroy import Keeper, run
from custody.items import ItemList
from custody.judging import Judges
from custody.labels import Label, label
from custody.lawful import Lawful
from custody.outside import AttestedTime, attest_day
from evidence.disposal import Now
from tests.api.browser import API, Office, an_office
from tests.fakes.desk import private_key
from tests.fakes.disposing import MemoryKeepers
from tests.fakes.grants import copy_of
from tests.fakes.house import SHANGHAI
from tests.fakes.shelf import adopt

NO_ITEMS = ItemList("none", "1", "0" * 64, {})


def aged():
    office = an_office()
    bureau = office.bureau
    adopt(bureau)
    label(bureau.desk, bureau.actor("officer"), due_of(office), Label(no_case="patrol"), NO_ITEMS)
    for who in {"head", "chief"} - bureau.keys.keys():
        bureau.register(who)
    later(office, 400)
    return office


def again(office):
    """The same office once more: faster than to make it again for every test."""
    made = Office(copy_of(office.bureau), office.segments)
    made.bureau.clock.forward(seconds=int((office.bureau.now - made.bureau.now).total_seconds()))
    return made


def due_of(office):
    return office.segments[:2]


def later(office, days):
    """Days pass, and two people say which day it is."""
    bureau = office.bureau
    bureau.clock.forward(days=days)
    day = (bureau.now - timedelta(days=1)).astimezone(SHANGHAI).date()
    for who in ("chief", "inspector"):
        attest_day(bureau.desk, bureau.actor(who), day)


def signed(office, who, challenge):
    """Return a signature of somebody's key in a file, as a document."""
    signature = urlsafe_b64encode(private_key(who).sign(challenge)).rstrip(b"=").decode()
    key = office.bureau.keys[who]
    return {"fmt": "software/1", "key": key, "envelope": {"signature": signature}}


def post(office, client, path, **body):
    return client.post(f"{API}/{path}", json=body, headers=office.key())


def destroyed(office, disposal):
    """Let the keeper do what two people have decided."""
    ledger, homes = office.bureau.ledger, MemoryKeepers(office.bureau.house)
    desk = office.bureau.desk
    lawful = Lawful(ledger, SHANGHAI, desk.rules, desk.hosts)
    keeper = Keeper(ledger, Judges(ledger, SHANGHAI).look, homes, [homes], lawful)
    moment, source = AttestedTime(ledger, SHANGHAI).newest()
    return run(keeper, disposal, Now(moment, source), lambda _done: None)
