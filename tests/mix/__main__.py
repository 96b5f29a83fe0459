"""
The fault mix as a command.

`python -m tests.mix --streams 10000` makes as many streams, and as many plain calls; it ends in one line of totals, with the exit
status 1 where a bar was missed.
"""

from __future__ import annotations

import argparse
import sys

from tests.arguments import positive
from tests.mix.callers import Mix


def main() -> int:
    """Run both, print, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.mix", description=__doc__)
    parser.add_argument("--streams", type=positive, default=10_000, help="how many streams to read (10000)")
    parser.add_argument("--calls", type=positive, help="how many plain calls to make (as many as streams)")
    parser.add_argument("--seed", type=int, default=1, help="which faults strike where (1)")
    options = parser.parse_args()
    calls = options.streams if options.calls is None else options.calls
    streams = Mix(seed=options.seed, count=options.streams).run()
    plain = Mix(seed=options.seed + 1, count=calls, is_stream=False).run()
    for figures in (streams, plain):
        for missed in figures.misses():
            print(f"MISSED by the {figures.name}: {missed}")
    print(f"mix: {streams.line()}; {plain.line()}")
    return 1 if streams.misses() or plain.misses() else 0


if __name__ == "__main__":
    sys.exit(main())
