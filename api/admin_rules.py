"""Keys that are registered, and rules that are adopted: listed, ended, adopted."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api.admin_parts import UNCHANGED, OfAct, tagged
from api.auth import OfSite, Signed
from api.models import INDEX_LIMIT, EntryOut, PersonId
from api.models_admin import (
    AdoptIn,
    KeyOut,
    KeysOut,
    NothingIn,
    Rules,
    RulesFileOut,
    RulesOut,
)
from api.site import Site
from custody.desk import AccessRules
from custody.enrol import adopt_rules
from custody.items import ItemList
from custody.keys import keys_of, lose_key
from custody.register import read_register
from evidence.errors import ConflictError
from evidence.people import Key

router = APIRouter(tags=["rules"])
Registered = Annotated[int, Path(ge=0, le=INDEX_LIMIT, description="Entry of key.registered")]


@router.get("/keys", response_model=KeysOut, responses=UNCHANGED)
def keys(
    request: Request,
    who: Signed,
    site: OfSite,
    person: Annotated[PersonId | None, Query()] = None,
) -> Response:
    """List one's own keys, or those of somebody whom one may see."""
    found = keys_of(site.desk, who.actor, person or who.actor.id)
    return tagged(request, KeysOut(keys=[_key_out(each) for each in found]))


@router.post("/keys/{registered}/revocation", status_code=201)
def revoke(registered: Registered, body: NothingIn, act: OfAct) -> EntryOut:
    """Revoke a key from now on; what it signed before stays signed.

    With a key to sign in with, other sessions of its owner end too.
    """

    def do() -> EntryOut:
        stays = act.who.session.name
        return EntryOut(entry=lose_key(act.site.entrance(), act.actor, registered, stays))

    return act.once(f"key {registered}", body, EntryOut, do)


@router.get("/rules", response_model=RulesOut, responses=UNCHANGED)
def rules(request: Request, who: Signed, site: OfSite) -> Response:
    """Tell which rules are configured, and whether exactly these are adopted."""
    del who
    return tagged(request, RulesOut(access=_file(site, "access"), items=_file(site, "items")))


@router.post("/rules/{rules}/adoption", status_code=201)
def adopt(rules: Rules, body: AdoptIn, act: OfAct) -> EntryOut:
    """Write down that a configured file holds from now on: the one that was read, no other."""

    def do() -> EntryOut:
        file = _configured(act.site, rules)
        if body.sha256 != file.sha256:
            raise ConflictError("rules_other")
        entry = adopt_rules(
            act.desk,
            act.actor,
            rules=rules,
            name=file.name,
            version=file.version,
            sha256=file.sha256,
        )
        return EntryOut(entry=entry)

    return act.once(f"adopt {rules}", body, EntryOut, do)


def _configured(site: Site, which: Rules) -> AccessRules | ItemList:
    return site.desk.rules if which == "access" else site.items


def _file(site: Site, which: Rules) -> RulesFileOut:
    file, held = _configured(site, which), read_register(site.desk.ledger).adopted.get(which)
    return RulesFileOut(
        name=file.name,
        version=file.version,
        sha256=file.sha256,
        adopted=held is not None and held.sha256 == file.sha256,
    )


def _key_out(key: Key) -> KeyOut:
    return KeyOut(
        entry=key.entry,
        person=key.person,
        fmt=key.fmt,
        use=key.use,
        credential=key.credential,
        public=key.public,
        device_bound=key.device_bound,
        revoked=key.revoked,
    )
