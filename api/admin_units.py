"""Units and roles: who stands where, and may what there.  A head or a deputy is a role."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.admin_parts import UNCHANGED, OfAct, tagged
from api.auth import OfSite, Signed
from api.models import INDEX_LIMIT, EntryOut
from api.models_admin import (
    ChangeUnitIn,
    NothingIn,
    RoleIn,
    UnitEntryOut,
    UnitId,
    UnitIn,
    UnitOut,
    UnitsOut,
)
from custody import directory, enrol, roles
from custody.register import read_register

router = APIRouter(tags=["units"])
Granted = Annotated[int, Path(ge=0, le=INDEX_LIMIT, description="Entry of role.granted")]


@router.get("/units", response_model=UnitsOut, responses=UNCHANGED)
def units(request: Request, who: Signed, site: OfSite) -> Response:
    """List the units, each below its own, with who decides there."""
    lines = directory.units(site.desk, who.actor, site.zone)
    rows = [UnitOut.model_validate(asdict(each)) for each in lines]
    return tagged(request, UnitsOut(units=rows))


@router.post("/units", status_code=201)
def add(body: UnitIn, act: OfAct) -> UnitEntryOut:
    """Add a unit below another."""

    def do() -> UnitEntryOut:
        unit = enrol.add_unit(act.desk, act.actor, body.name, body.parent, enforcing=body.enforcing)
        return UnitEntryOut(entry=read_register(act.desk.ledger).units[unit].entry, unit=unit)

    return act.once("units", body, UnitEntryOut, do)


@router.post("/units/{unit}/change", status_code=201)
def change(unit: UnitId, body: ChangeUnitIn, act: OfAct) -> UnitEntryOut:
    """Give a unit another place, name, or right to decide; past decisions keep their path."""

    def do() -> UnitEntryOut:
        entry = enrol.move_unit(act.desk, act.actor, unit, **body.model_dump())
        return UnitEntryOut(entry=entry, unit=unit)

    return act.once(f"unit {unit}", body, UnitEntryOut, do)


@router.post("/roles", status_code=201)
def grant(body: RoleIn, act: OfAct) -> EntryOut:
    """Give somebody a role in a unit; a deputy is named by the head of exactly that unit."""

    def do() -> EntryOut:
        return EntryOut(entry=roles.grant_role(act.desk, act.actor, **body.model_dump()))

    return act.once("roles", body, EntryOut, do)


@router.post("/roles/{granted}/revocation", status_code=201)
def revoke(granted: Granted, body: NothingIn, act: OfAct) -> EntryOut:
    """End a role from now on."""

    def do() -> EntryOut:
        return EntryOut(entry=roles.revoke_role(act.desk, act.actor, granted))

    return act.once(f"role {granted}", body, EntryOut, do)
