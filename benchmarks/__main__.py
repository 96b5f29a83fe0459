"""
Compare twinwire with its peers on this machine: `nox -s bench`, or `python -m benchmarks [NAME ...]`.

Each figure is taken in turns with its peer's in one run, against a loopback server in a process of its own, and is given as a
ratio: absolute times change from machine to machine. Needs the `openai` package beside twinwire.
"""

from __future__ import annotations

import sys

from benchmarks import calls, imports, streams, tokens

BENCHMARKS = {"imports": imports.main, "calls": calls.main, "streams": streams.main, "tokens": tokens.main}


def main() -> int:
    """Run the benchmarks that are named, or all."""
    names = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; known are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    for name in names:
        BENCHMARKS[name]()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
