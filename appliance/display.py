"""The live picture of all slots: one panel for each, one big word for the officer.

The only door to ``rich``.  Works at 80 columns and looks better at 120; Chinese signs are two
columns wide, which rich counts for us.
"""

import io
from collections.abc import Sequence
from typing import TextIO

from rich.align import Align
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from appliance.slotstate import SlotState
from appliance.view import because_words, clock_words, finding_words, status
from appliance.words import Words, printable

FRAMES_S = 8  # pictures a second at most
WIDE = 100  # columns from which on the lamp stands beside the facts in full width
LAMP_COLUMNS = 24
LAMP_COLUMNS_NARROW = 17
TITLE_COLUMNS = 80
TITLE_COLUMNS_NARROW = 60
PERCENT_COLUMNS = 5
PANEL_ROWS = 6  # of one slot

# An officer reads the colour across the room before the word.
_GREEN, _ORANGE, _AMBER, _RED, _GREY = "green4", "dark_orange3", "yellow3", "red3", "grey50"

# Without the web fonts of rich's own template: a picture in a document asks no server for anything.
SVG = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
font-family: "DejaVu Sans Mono", "Noto Sans Mono CJK SC", Menlo, Consolas, monospace;
font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width;
}}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


class LiveView:
    """A picture that redraws itself; implements ``appliance.view.View``."""

    def __init__(self, stream: TextIO, words: Words) -> None:
        self._words = words
        self._console = Console(file=stream, highlight=False)
        self._live = Live(
            console=self._console, refresh_per_second=FRAMES_S, auto_refresh=False, transient=False
        )
        self._started = False

    def show(self, states: Sequence[SlotState]) -> None:
        """Draw these slots as they are now."""
        if not self._started:
            self._live.start()
            self._started = True
        self._live.update(self._frame(states), refresh=True)

    def say(self, line: str) -> None:
        """Write a line above the picture; it stays there."""
        self._console.print(Text(line))

    def _frame(self, states: Sequence[SlotState]) -> RenderableType:
        size = self._console.size
        return frame(states, self._words, size.width, size.height - 1)

    def close(self) -> None:
        """Leave the last picture on the screen, and the cursor where it belongs."""
        if self._started:
            self._live.stop()
            self._started = False


def frame(
    states: Sequence[SlotState], words: Words, columns: int, rows: int | None = None
) -> RenderableType:
    """Return one picture of these slots, ``columns`` wide; one line each where rows are few."""
    if rows is not None and len(states) * PANEL_ROWS > rows:
        return _list(states, words)
    return Group(*(_slot(state, words, wide=columns >= WIDE) for state in states))


def picture(states: Sequence[SlotState], words: Words, columns: int = 100) -> str:
    """Return one picture as SVG text, for a document."""
    console = Console(
        file=io.StringIO(), record=True, width=columns, force_terminal=True, highlight=False,
        color_system="truecolor",
    )  # fmt: skip
    console.print(frame(states, words, columns))
    title = words("view.title")
    return console.export_svg(title=title, code_format=SVG, unique_id="dockseal")


def _list(states: Sequence[SlotState], words: Words) -> RenderableType:
    """Return one line for each slot: a whole rack on one screen."""
    rows = Table.grid(expand=True, padding=(0, 1))
    for ratio in (None, None, 2, None, 3):
        rows.add_column(ratio=ratio, no_wrap=True, overflow="ellipsis")
    for state in states:
        done = 100 * min(state.bytes_done, state.bytes) // state.bytes if state.bytes else 0
        if state.ended or state.stage == "empty":
            word = words("status.free") if state.stage == "empty" else status(state, words)
        else:
            word = words(f"stage.{state.stage}")
        rows.add_row(
            Text(str(state.slot), style="bold"),
            Text(word, style=f"bold {_colour(state)}"),
            _who(state, words) if state.stage != "empty" else Text(""),
            Text(f"{done} %" if state.files else ""),
            _noticed(state, words),
        )
    return rows


def _slot(state: SlotState, words: Words, *, wide: bool) -> RenderableType:
    row = Table.grid(expand=True, padding=(0, 1))
    row.add_column(ratio=1)
    row.add_column(width=LAMP_COLUMNS if wide else LAMP_COLUMNS_NARROW)
    row.add_row(_facts(state, words), _lamp(state, words))
    title = Text.assemble(
        (words("view.slot", slot=state.slot), "bold"), f"  {printable(state.path)}"
    )
    title.truncate(TITLE_COLUMNS if wide else TITLE_COLUMNS_NARROW, overflow="ellipsis")
    return Panel(row, title=title, title_align="left", border_style=_colour(state), padding=(0, 1))


def _facts(state: SlotState, words: Words) -> RenderableType:
    """Return four lines, whatever is known: a picture that changes its height is hard to read."""
    if state.stage == "empty":
        return Text("\n\n\n")
    bar: RenderableType = _bar(state) if state.files else Text("")
    numbers = _numbers(state, words) if state.files else Text("")
    return Group(_one_line(_who(state, words)), bar, numbers, _noticed(state, words))


def _who(state: SlotState, words: Words) -> Text:
    """Identity, officer, clock, battery: what may be unknown is said to be."""
    if state.recorder:
        parts = [Text(printable(state.recorder), style="bold cyan")]
    else:
        parts = [Text(words("view.unknown_recorder"), style="italic")]
    if state.officer:
        parts.append(Text(words("view.officer", officer=state.officer)))
    if state.files:
        ahead = state.clock.get("kind") == "at_least"
        parts.append(Text(clock_words(state, words), style=_AMBER if ahead else ""))
    if state.battery is not None:
        parts.append(Text(words("view.battery", percent=state.battery)))
    return Text(" · ", style=_GREY).join(parts)


def _bar(state: SlotState) -> RenderableType:
    """Return the bytes as a bar; a recorder with nothing but empty files is done at once."""
    total, done = (state.bytes, min(state.bytes_done, state.bytes)) if state.bytes else (1, 1)
    colour = _colour(state)
    bar = ProgressBar(
        total=total, completed=done, complete_style=colour, finished_style=colour, style="grey35"
    )
    row = Table.grid(expand=True, padding=(0, 1))
    row.add_column(ratio=1)
    row.add_column(width=PERCENT_COLUMNS, justify="right")
    row.add_row(bar, f"{100 * done // total} %")
    return row


def _numbers(state: SlotState, words: Words) -> Text:
    parts = [
        words("view.files", done=state.files_done, of=state.files),
        words("view.amount", done=state.bytes_done, of=state.bytes),
    ]
    if not state.ended and state.rate_bytes_s:
        parts.append(words("view.rate", rate=state.rate_bytes_s))
    if not state.ended and state.eta_s is not None:
        parts.append(words("view.eta", ms=state.eta_s * 1000))
    return _one_line(Text(" · ".join(parts)))


def _noticed(state: SlotState, words: Words) -> Text:
    """Return what was noticed, on one line: an officer looks, the supervisor reads the list."""
    found = finding_words(state, words)
    if state.because:
        found.insert(0, because_words(state.because, words))
    if found:
        text = Text("! " + words("list.comma").join(found), style=_colour_of_trouble(state))
    else:
        text = Text(words("view.nothing") if state.ended else "", style=_GREY)
    return _one_line(text)


def _one_line(text: Text) -> Text:
    text.no_wrap, text.overflow = True, "ellipsis"
    return text


def _lamp(state: SlotState, words: Words) -> RenderableType:
    """Return the big word, and below it the stage: what the officer needs to know first."""
    colour = _colour(state)
    if not state.ended:
        word = words("status.free" if state.stage == "empty" else "status.hold")
        below = "" if state.stage == "empty" else words(f"stage.{state.stage}")
        lines = [Text(""), Text(word, style=f"bold {colour}"), Text(below, style=colour)]
        return Group(*(Align.center(line) for line in lines))
    block = Text(f"\n{status(state, words)}\n", style="bold white", justify="center")
    below = _below(state, words) if state.safe_to_take else ""
    return Group(Padding(block, style=f"on {colour}"), Align.center(Text(below, style=colour)))


def _below(state: SlotState, words: Words) -> str:
    """Return what became of the recorder; that files stay on it comes before everything."""
    if state.outcome == "left_behind":
        return words("below.left_behind")
    return words(f"below.{state.told or 'kept'}")


def _colour(state: SlotState) -> str:
    if state.stage == "empty":
        return _GREY
    if not state.ended:
        return _ORANGE
    return _GREEN if state.safe_to_take else _RED


def _colour_of_trouble(state: SlotState) -> str:
    return _RED if state.ended and not state.safe_to_take else _AMBER
