"""The command line of questions and decisions: each command by its name, and what it takes."""

from appliance.parser_parts import Add

COMMANDS: dict[str, Add] = {}
