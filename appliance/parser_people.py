"""The command line of setup and who is who: each command by its name, and what it takes."""

from appliance.parser_parts import Add

COMMANDS: dict[str, Add] = {}
