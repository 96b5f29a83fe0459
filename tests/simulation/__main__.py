"""
The simulation as a command.

`python -m tests.simulation --schedules 10000` runs many schedules and ends in one line of totals; the exit status is 1 if one failed.
`python -m tests.simulation --seed 1234` replays one with its log.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from tests.arguments import positive
from tests.simulation.totals import Totals, replay, run_all

SHOWN = 3
"""Failing schedules whose log is printed; of the others the seed is."""
CHUNK = 100


def main() -> int:
    """Run, print, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--schedules", type=positive, help="how many to run (10000)")
    parser.add_argument("--seed", type=int, help="the first seed (1); alone: the schedule to replay")
    parser.add_argument("--processes", type=positive, default=os.cpu_count() or 1, help="how many to use")
    options = parser.parse_args()
    if options.seed is not None and options.schedules is None:
        return show(options.seed)
    first = 1 if options.seed is None else options.seed
    return run(first, 10_000 if options.schedules is None else options.schedules, options.processes)


def show(seed: int) -> int:
    """Print one schedule, event by event."""
    wrong, log = replay(seed)
    print(f"seed {seed}: {len(log)} events")
    print("\n".join(log))
    print("\n".join(f"WRONG: {sentence}" for sentence in wrong) or "nothing is wrong with it")
    return 1 if wrong else 0


def run(first: int, count: int, processes: int) -> int:
    """Run schedules in several processes."""
    began = time.monotonic()
    totals = Totals()
    chunks = [range(start, min(start + CHUNK, first + count)) for start in range(first, first + count, CHUNK)]
    if processes == 1:
        for chunk in chunks:
            totals.join(run_all(chunk))
    else:
        with ProcessPoolExecutor(processes) as pool:
            for part in pool.map(run_all, chunks):
                totals.join(part)
    for seed in sorted(totals.failures)[:SHOWN]:
        show(seed)
    for seed, wrong in sorted(totals.failures.items())[SHOWN:]:
        print(f"seed {seed}: {wrong[0]}")
    print(totals.line(time.monotonic() - began))
    return 1 if totals.failures else 0


if __name__ == "__main__":
    sys.exit(main())
