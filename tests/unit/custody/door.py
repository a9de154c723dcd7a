"""The door of a small bureau: people with passwords, and what stands in the ledger about them."""

from dataclasses import dataclass

from custody.entrance import Came, Entrance, KeyAsked, SignedIn, plain_password
from custody.register import read_register
from custody.sign_in import sign_in
from evidence.people import ORGANISATION
from evidence.webauthn import base64url, unbase64url
from tests.fakes.accounts import MemoryAccounts
from tests.fakes.desk import Bureau, person, small_bureau
from tests.tools.authenticator import Authenticator

PHRASE = "three words and a comma"
OFFICE, HALLWAY = Came("10.0.0.1"), Came("10.0.0.2")
LOGIN, LOGIN_ORIGIN = "dock1.example", "https://dock1.example"


@dataclass
class Door:
    bureau: Bureau
    accounts: MemoryAccounts
    devices: int = 0

    @property
    def entrance(self):
        return Entrance(self.bureau.desk, self.accounts, read_register(self.bureau.ledger))

    @property
    def clock(self):
        return self.bureau.clock

    def forward(self, **delta):
        self.clock.forward(**delta)

    def give(self, name, password=PHRASE):
        """Give somebody a password; their account is their name."""
        self.accounts.passwords.set(person(name), name, plain_password(password))

    def enter(self, name, password=PHRASE, came=OFFICE) -> SignedIn | KeyAsked:
        return sign_in(self.entrance, name, password, came)

    def login_key(self, name, device=None, rp=LOGIN, use="login"):
        """Register a security key with which somebody signs in."""
        self.devices += 1
        made = device or Authenticator("ES256", self.devices)
        body = {
            "person": person(name),
            "fmt": "webauthn/1",
            "use": use,
            "credential": made.credential,
            "public": base64url(made.public),
            "rp": rp,
            "device_bound": True,
            "signer": None,
            "by": [person("admin"), person("second_admin")],
        }
        about = (ORGANISATION, person(name))
        self.bureau.keys[name] = self.bureau.write("key.registered", about, body)
        return made

    def answer(self, device, asked, rp=LOGIN, origin=LOGIN_ORIGIN, **spoilt):
        return device.envelope(unbase64url(asked.challenge), rp, origin, **spoilt)

    def told(self, *kinds):
        """Return the bodies of the entries of these types, oldest first."""
        return [entry.body for entry in self.bureau.house.entries() if entry.type in kinds]

    def ends(self):
        return [body["because"] for body in self.told("session.closed")]


def a_door():
    door = Door(small_bureau(), MemoryAccounts())
    for name in ("officer", "supervisor", "head", "admin", "inspector", "deputy"):
        door.give(name)
    return door
