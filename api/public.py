"""The public tree, for witnesses and verifiers: checkpoint and tiles, without signing in."""

import re

from fastapi import APIRouter, Response

from api.auth import OfSite
from api.problems import problem

router = APIRouter(tags=["ledger"])
# C2SP tlog-tiles: tile/<level>/<index>[.p/<width>]; an index is groups of three digits, all but
# the last with an x before them.  Nothing else is ever asked of the folder.
_TILE = re.compile(r"(?:[0-9]|[1-5][0-9]|6[0-3]|entries)/(?:x[0-9]{3}/){0,5}[0-9]{3}"
                   r"(?:\.p/[1-9][0-9]{0,2})?")  # fmt: skip
_FOREVER = "public, max-age=31536000, immutable"


@router.get("/checkpoint", response_class=Response)
def checkpoint(site: OfSite) -> Response:
    """Return the newest signed checkpoint."""
    note = site.desk.tiles.checkpoint()
    if note is None:
        return problem(404, "not_here")
    headers = {"Cache-Control": "no-cache"}
    return Response(note, media_type="text/plain; charset=utf-8", headers=headers)


@router.get("/tile/{path:path}", response_class=Response)
def tile(path: str, site: OfSite) -> Response:
    """Return a tile of hashes or a bundle of entries; statements are in none of them."""
    content = None
    if _TILE.fullmatch(path):
        content = site.desk.tiles.read(f"tile/{path}")
    if content is None:
        return problem(404, "not_here")
    headers = {"Cache-Control": _FOREVER if ".p/" not in path else "no-cache"}
    return Response(content, media_type="application/octet-stream", headers=headers)
