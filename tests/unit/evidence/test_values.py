"""A value of evidence never changes once it is made: what was promised stays as it was promised."""

import dataclasses
import importlib
import inspect
import pkgutil

import pytest

import evidence

MODULES = [
    importlib.import_module(f"evidence.{each.name}")
    for each in pkgutil.iter_modules(evidence.__path__)
]
VALUES = [
    value
    for module in MODULES
    for _, value in inspect.getmembers(module, dataclasses.is_dataclass)
    if value.__module__ == module.__name__
]


def test_every_kind_of_value_is_looked_at():
    names = {value.__name__ for value in VALUES}
    assert {"Received", "Stored", "Sealed", "Certificate", "Entry", "SegmentLine"} <= names


@pytest.mark.parametrize("value", VALUES, ids=lambda value: f"{value.__module__}.{value.__name__}")
def test_no_field_of_a_value_can_be_changed_or_added(value):
    made = value.__new__(value)
    field = next(iter(dataclasses.fields(value))).name
    for name in (field, "one_more"):
        with pytest.raises((dataclasses.FrozenInstanceError, TypeError)):
            setattr(made, name, None)
    assert not hasattr(made, "__dict__")
