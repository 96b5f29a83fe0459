"""
Measure twinwire on this machine: `nox -s bench`, or `python -m benchmarks [NAME ...]`.

- `imports`, `calls`, `streams`, `tokens` compare with peers. Each figure is taken in turns with its peer's in one run, against a loopback server in a
  process of its own, and is given as a ratio: absolute times change from machine to machine. They need the `openai` package beside twinwire.
- `limits` is what limits, budgets, the ledger and costs add to a call, each beside its bound.
"""

from __future__ import annotations

import sys
from importlib import import_module

BENCHMARKS = ("imports", "calls", "streams", "tokens", "limits")


def main() -> int:
    """Run the benchmarks that are named, or all."""
    names = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; known are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    for name in names:
        import_module(f"benchmarks.{name}").main()  # only then, since some need more packages than others
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
