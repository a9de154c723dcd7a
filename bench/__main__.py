"""Measure everything side by side: ``python -m bench [--quick] [--json FILE] [NAME …]``.

Prints a table, writes ``build/bench.json`` and, when everything was measured, draws
``docs/bench.svg``.  A target that is missed is printed as missed.  ``--quick`` only shows that the
bench runs: small sizes, one round; its numbers mean nothing.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from bench.picture import draw, figure
from bench.rows import NEEDED, Row

MODULES = ("ingest", "safe", "slots", "memory", "probe", "audit", "ledger", "catalogue", "asking",
           "finding", "leaving", "keeping")  # fmt: skip
ROOT = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str]) -> int:
    """Measure, print, write; return 0 also when targets are missed: a bench is no test."""
    told = _arguments(arguments)
    started = time.monotonic()
    rows = [each for name in told.names or MODULES for each in measured(name, quick=told.quick)]
    print(table(rows))
    document = {
        "machine": _machine(),
        "quick": told.quick,
        "seconds": round(time.monotonic() - started),
        "rows": rows,
    }
    told.json.parent.mkdir(parents=True, exist_ok=True)
    told.json.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
    if not told.quick and not told.names:
        (ROOT / "docs" / "bench.svg").write_text(draw(rows), "utf-8")
    return 0


def measured(name: str, *, quick: bool) -> list[Row]:
    """Return the rows of one module, checked for their form."""
    module = import_module(f"bench.{name}") if find_spec(f"bench.{name}") else None
    if not hasattr(module, "run"):
        print(f"bench.{name} is not there", file=sys.stderr)
        return []
    print(f"measuring {name} …", file=sys.stderr, flush=True)
    rows: list[Row] = module.run(quick)
    for each in rows:
        missing = [field for field in NEEDED if field not in each]
        if missing:
            raise ValueError(f"bench.{name}: a row without {missing}: {each}")
    return [{"of": name, **each} for each in rows]


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a person reads them."""
    head = ("", "ours", "limit", "peer", "ratio", "target", "")
    lines = [head, *map(_cells, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    shown = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
             for line in lines]  # fmt: skip
    missed = sum(each["met"] is False for each in rows)
    return "\n".join([*shown, "", f"{missed} missed" if missed else "every target is met"])


def _cells(one: Row) -> tuple[str, ...]:
    peer = figure(one["peer"])
    if one.get("peer_value") is not None:
        peer = f"{peer}: {figure(one['peer_value'])}"
    sign = "<=" if one.get("at_most") else ">="
    return (
        str(one["name"]),
        f"{figure(one['ours'])} {one['unit']}",
        figure(one["limit"]),
        peer,
        figure(one["ratio"]),
        f"{sign} {figure(one['target'])}" if one["target"] is not None else "",
        {True: "met", False: "MISSED", None: ""}[one["met"]],
    )


def _machine() -> dict[str, object]:
    return {
        "cpus": os.cpu_count(),
        "system": platform.release(),
        "python": platform.python_version(),
    }


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", choices=[*MODULES, []], metavar="NAME")
    parser.add_argument("--quick", action="store_true", help="small sizes, one round")
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "bench.json")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
