"""For every tier: a test that this machine cannot run is named, never skipped quietly."""

from collections.abc import Iterator

import pytest

from tests.needs import missing


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests whose module ``NEEDS`` a tool that is not here."""
    absent = missing()
    left_out = [item for item in items if set(needs(item)) & absent.keys()]
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end what was not tested, and what to install."""
    if absent := missing():
        terminalreporter.section("not tested on this machine")
        for sentence in absent.values():
            terminalreporter.write_line(sentence)


def needs(item: pytest.Item) -> Iterator[str]:
    """Yield the tools that the module of ``item`` says it runs."""
    yield from getattr(getattr(item, "module", None), "NEEDS", ())
