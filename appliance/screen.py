"""Which view a terminal gets: the live picture, plain lines, or silence."""

from appliance.output import Terminal
from appliance.view import PlainView, Silent, View
from appliance.words import Words


def view_for(terminal: Terminal, words: Words) -> View:
    """Return the live picture where there is a terminal, plain lines elsewhere, or silence."""
    if terminal.quiet:
        return Silent()
    if terminal.err.isatty():
        from appliance.display import LiveView  # noqa: PLC0415 - rich only where it is seen

        return LiveView(terminal.err, words)
    return PlainView(terminal, words)
