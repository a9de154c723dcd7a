"""What is held of every table of faults."""

import ast

from tests.mutants.fault import named_tests
from tests.mutants.house import ROOT

TESTS_FAILED = 1  # exit codes of pytest: not "no such test", not "cannot be imported"


def hold_row(fault):
    """Hold that the row still fits the code, and that what is planted is a program."""
    text = (ROOT / fault.file).read_text("utf-8")
    planted = fault.planted(text)
    assert planted != text, "nothing would be planted"
    assert ast.dump(ast.parse(planted)) != ast.dump(ast.parse(text)), "only a comment would change"
    assert fault.found_by
    assert fault.because


def hold_found(fault, house):
    """Hold that a named test fails as soon as the fault is planted."""
    with house.planted(fault):
        code, told = house.run(fault.found_by)
    assert code == TESTS_FAILED, (
        f"nobody finds that {fault.sentence} ({fault.file}); "
        f"pytest ended with {code}:\n{told[-3000:]}"
    )


def hold_sound(faults, house):
    """Hold that every named test passes in the same copy while nothing is planted."""
    code, told = house.run(named_tests(faults))
    assert code == 0, told[-6000:]
