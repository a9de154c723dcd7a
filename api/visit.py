"""Somebody who is signed in, on a page: what every such page needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse

from api.auth import OfSite, Signed
from api.problem_pages import sentence_of
from api.rendering import language_of, page, texts_of, words_of
from api.site import Site, Words
from custody.entrance import Present
from custody.names import person_name
from evidence.errors import EvidenceError


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a person at a browser."""

    request: Request
    who: Present
    site: Site

    @property
    def t(self) -> Mapping[str, str]:
        """Return the words of the pages."""
        return texts_of(self.request)

    @property
    def w(self) -> Words:
        """Return the sentences of the house."""
        return words_of(self.request)

    @property
    def language(self) -> str:
        """Return the language that was chosen."""
        return language_of(self.request)

    @property
    def fresh(self) -> bool:
        """Return whether they have proved who they are a moment ago, as a decision asks for."""
        proved = self.who.actor.proved_at
        allowed = timedelta(seconds=self.site.desk.rules.step_up_s)
        return proved is not None and self.site.desk.clock.now() - proved < allowed

    def name(self, person: str) -> str:
        """Return the name of a person, else their id."""
        register = self.site.entrance().register
        return person_name(self.site.desk.ledger, register, person) or person

    def sentence(self, error: EvidenceError) -> str:
        """Return what a page says of an error: nothing that was typed."""
        return sentence_of(self.request, error)

    def page(self, name: str, status: int = 200, **shown: object) -> HTMLResponse:
        """Return a page with who is signed in on it."""
        register = self.site.entrance().register
        person = self.who.actor.id
        who = person_name(self.site.desk.ledger, register, person) or person
        made = page(self.request, name, who=who, **shown)
        made.status_code = status
        return made


def visit_of(request: Request, who: Signed, site: OfSite) -> Visit:
    """Return the visit of who is signed in; raises ``NotSignedInError``."""
    return Visit(request, who, site)


Here = Annotated[Visit, Depends(visit_of)]
