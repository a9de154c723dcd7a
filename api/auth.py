"""Who asks: the session behind the cookie, asked of the ledger and the accounts each time."""

from typing import Annotated

from fastapi import Depends, Request, Response

from api.site import Site
from custody.entrance import Came, Present
from custody.sessions import resume

COOKIE = "__Host-ds"
TOKEN_LIMIT = 128  # characters


def site_of(request: Request) -> Site:
    """Return what this application serves from."""
    site = request.app.state.site
    if not isinstance(site, Site):
        raise TypeError(site)
    return site


def token_of(request: Request) -> str:
    """Return the token that the browser carries, or an empty text."""
    return request.cookies.get(COOKIE, "")[:TOKEN_LIMIT]


def came_from(request: Request) -> Came:
    """Return from where a request comes: the peer itself, no header that anybody can write."""
    return Came(request.client.host if request.client else "unknown")


def present(request: Request) -> Present:
    """Return who is signed in; raises ``NotSignedInError``."""
    return resume(site_of(request).entrance(), token_of(request))


def give_cookie(response: Response, token: str) -> None:
    """Let the browser carry a token: to this host alone, never to a script, never elsewhere."""
    response.set_cookie(COOKIE, token, path="/", secure=True, httponly=True, samesite="strict")


def drop_cookie(response: Response) -> None:
    """Let the browser forget its token."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")


OfSite = Annotated[Site, Depends(site_of)]
Signed = Annotated[Present, Depends(present)]
From = Annotated[Came, Depends(came_from)]
