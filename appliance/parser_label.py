"""The command line of labels and gaps: each command by its name, and what it takes."""

from appliance.parser_parts import Add

COMMANDS: dict[str, Add] = {}
