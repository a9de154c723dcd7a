"""The commands of questions and decisions."""

from collections.abc import Callable, Mapping

from appliance.call import Call
from appliance.output import Answer

COMMANDS: Mapping[str, Callable[[Call], Answer]] = {}
