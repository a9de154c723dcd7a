"""A browser at the small bureau: people with passwords, one client for each."""

import itertools
from dataclasses import dataclass, field
from functools import cache

from fastapi.testclient import TestClient

from api.app import create_app
from api.site import Site
from appliance.words import LANGUAGES, load_words
from custody.entrance import plain_password
from custody.items import parse_items
from tests.fakes.accounts import MemoryAccounts
from tests.fakes.desk import PEOPLE, Bureau, docked, person
from tests.fakes.grants import copy_of, granted
from tests.fakes.house import SHANGHAI
from tests.fakes.searching import Projected

PHRASE = "three words and a comma"
LOGIN, SIGN = "https://dock1.example", "https://sign.dock1.example"
ROW = {"zh": "检查", "en": "Check", "article": "8(1)", "scope": "key", "picture": ["现场"]}
ITEMS = parse_items({"name": "test", "version": "3", "item": {"check": ROW}}, "0" * 64)
WORDS = {language: load_words(language) for language in LANGUAGES}
API = "/api/v1"


@dataclass
class Office:
    bureau: Bureau
    segments: tuple[str, ...]
    accounts: MemoryAccounts = field(default_factory=MemoryAccounts)
    numbers: itertools.count = field(default_factory=itertools.count)

    def __post_init__(self):
        catalogue = Projected(self.bureau.ledger)
        self.site = Site(self.bureau.desk, self.accounts, WORDS, SHANGHAI, ITEMS, catalogue)
        self.app = create_app(self.site)
        for name in PEOPLE:
            self.accounts.passwords.set(person(name), name, plain_password(PHRASE))

    def client(self, base=LOGIN):
        return TestClient(
            self.app, base_url=base, headers={"Origin": base}, raise_server_exceptions=True
        )

    def enter(self, name):
        client = self.client()
        answer = client.post(f"{API}/session", json={"account": name, "password": PHRASE})
        assert answer.status_code == 200, answer.text
        return client

    def key(self):
        return {"Idempotency-Key": f"key-{next(self.numbers):08}"}

    def wanted(self, *segments, act="copy", days=7, **more):
        until = self.bureau.now.replace(microsecond=0)
        spans = [{"segment": each} for each in segments or self.segments[:1]]
        day = until.replace(day=until.day + days).isoformat()
        asked = {"act": act, "spans": spans, "purpose": "case", "until": day}
        return asked | {"reason": "a reason", "times": 3, "case_number": "case 1"} | more

    def ask(self, client, *segments, **more):
        wanted = self.wanted(*segments, **more)
        return client.post(f"{API}/requests", json=wanted, headers=self.key())

    def granted(self, *segments, **more):
        return granted(self.bureau, *(segments or self.segments[:1]), **more)


@cache
def _first():
    return docked()


def an_office():
    """The small bureau with footage, once more: it is made once."""
    bureau, segments = _first()
    return Office(copy_of(bureau), segments)
