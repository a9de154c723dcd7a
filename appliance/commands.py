"""Every command by its name; the parser knows the same names, and a test holds them equal."""

from collections.abc import Callable, Mapping

from appliance import (
    commands_alarm,
    commands_ask,
    commands_copy,
    commands_dispose,
    commands_hold,
    commands_keep,
    commands_label,
    commands_metrics,
    commands_people,
    commands_policy,
    commands_serve,
    commands_simulate,
    commands_tend,
    commands_week,
)
from appliance.call import Call
from appliance.commands_check import audit, rebuild, verify
from appliance.commands_dock import dock
from appliance.commands_list import list_segments
from appliance.commands_look import history, seams, show
from appliance.commands_setup import accept_clock, check_configuration, make_key
from appliance.commands_up import up
from appliance.output import Answer

COMMANDS: Mapping[str, Callable[[Call], Answer]] = {
    "dock": dock,
    "up": up,
    "list": list_segments,
    "show": show,
    "history": history,
    "seams": seams,
    "audit": audit,
    "verify": verify,
    "rebuild": rebuild,
    "config check": check_configuration,
    "key new": make_key,
    "clock accept": accept_clock,
    **commands_people.COMMANDS,
    **commands_label.COMMANDS,
    **commands_ask.COMMANDS,
    **commands_copy.COMMANDS,
    **commands_serve.COMMANDS,
    **commands_hold.COMMANDS,
    **commands_keep.COMMANDS,
    **commands_policy.COMMANDS,
    **commands_simulate.COMMANDS,
    **commands_dispose.COMMANDS,
    **commands_week.COMMANDS,
    **commands_alarm.COMMANDS,
    **commands_tend.COMMANDS,
    **commands_metrics.COMMANDS,
}
