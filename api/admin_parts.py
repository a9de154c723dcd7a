"""What every route of the administration shares: done once, and told with a tag."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar

from fastapi import Depends, Query, Request, Response

from api.auth import OfSite, Signed
from api.models import In, Index, Out
from api.once import Key, once
from api.shapes import PAGE_LIMIT
from api.site import Site
from custody.desk import Desk
from custody.entrance import Present
from evidence.json import JsonObject
from evidence.people import Actor

M = TypeVar("M", bound=Out)
UNCHANGED: Final[dict[int | str, dict[str, Any]]] = {304: {"description": "Not modified"}}
Before = Annotated[Index | None, Query(description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=PAGE_LIMIT)]


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody wants to write something, once for each ``Idempotency-Key``."""

    site: Site
    who: Present
    key: str

    @property
    def desk(self) -> Desk:
        """Return the desk."""
        return self.site.desk

    @property
    def actor(self) -> Actor:
        """Return who acts."""
        return self.who.actor

    def once(self, path: str, body: In, kind: type[M], act: Callable[[], M]) -> M:
        """Return what ``act`` answers to ``body``; raises as ``api.once``."""
        asked: JsonObject = {"path": path, "body": body.model_dump(mode="json", exclude_unset=True)}
        return kind.model_validate(once(self.site, self.who, self.key, asked, act))


def act_of(who: Signed, site: OfSite, key: Key) -> Act:
    """Return what a POST is done with."""
    return Act(site, who, key)


OfAct = Annotated[Act, Depends(act_of)]


def tagged(request: Request, out: Out) -> Response:
    """Return a document under the SHA-256 of its bytes; 304 where the client has exactly it."""
    content = out.model_dump_json().encode()
    tag = f'"{hashlib.sha256(content).hexdigest()}"'
    known = request.headers.get("if-none-match", "").split(",")
    headers = {"ETag": tag}
    if tag in {each.strip().removeprefix("W/") for each in known}:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="application/json", headers=headers)
