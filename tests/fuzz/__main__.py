"""
`python -m tests.fuzz --examples N [--seed S] [--processes P]`: N examples over all properties.

Prints each failing example with what plays it again, ends in one line of totals, and exits with 1 if there was a failure. The seed
is 0 unless said, so that a run can be repeated; a long run takes another.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

from tests.arguments import positive
from tests.fuzz.runs import BATCH, Batch, Failure, Outcome, play, run
from tests.fuzz.table import BY_NAME, PROPERTIES, shares

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_FAILURES = 3
"""Of one property; it has been shown then, and shrinking takes time."""


def batches(examples: int, seed: int) -> Iterator[Batch]:
    """The work, the properties in turn, so that every process has something of each."""
    left = shares(examples)
    number = 0
    while any(left.values()):
        for each in PROPERTIES:
            count = min(BATCH, left[each.name])
            if count:
                left[each.name] -= count
                number += 1
                yield Batch(name=each.name, seed=seed * 1_000_003 + number, examples=count)


def fuzz(examples: int, seed: int, processes: int) -> int:
    """Run all and report; returns the number of failures."""
    begun = time.perf_counter()
    run_of: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    for outcome in _outcomes(list(batches(examples, seed)), processes):
        run_of[outcome.batch.name] += outcome.examples
        if outcome.failure is not None:
            failures[outcome.batch.name] += 1
            if failures[outcome.batch.name] <= MAX_FAILURES:
                show(outcome.failure)
    for each in PROPERTIES:
        print(f"{each.name:20} {run_of[each.name]:9} examples, {failures[each.name]} failures")
    seconds = time.perf_counter() - begun
    total = sum(run_of.values())
    print(
        f"fuzz: {total} examples of {len(PROPERTIES)} properties, {failures.total()} failures, {seconds:.1f} s, seed {seed}"
    )
    return failures.total()


def _outcomes(work: Sequence[Batch], processes: int) -> Iterator[Outcome]:
    if processes == 1:
        yield from map(run, work)
        return
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from pool.imap_unordered(run, work)


def show(failure: Failure) -> None:
    """Print what failed, and how to see it again."""
    print(f"FAILED {failure.name}\n{failure.report}")
    print(f"again: python -m tests.fuzz --replay {failure.replay}\n", flush=True)


def replay(example: tuple[str, bytes]) -> None:
    """Play one example; its error is not caught."""
    name, taken = example
    play(BY_NAME[name], taken)
    print(f"{name}: holds")


def printed(text: str) -> tuple[str, bytes]:
    """The name and the bytes of an example, as a failure prints them."""
    name, _, digits = text.partition(":")
    if name not in BY_NAME:
        raise argparse.ArgumentTypeError(f"there is no property {name!r}, but {', '.join(BY_NAME)}")
    try:
        return name, bytes.fromhex(digits)
    except ValueError:
        raise argparse.ArgumentTypeError("must be NAME:HEX, with hexadecimal digits after the colon") from None


def main(arguments: Sequence[str]) -> int:
    """Read the command line, run, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--examples", type=positive, default=10_000, help="how many in all (10000)")
    parser.add_argument("--seed", type=int, default=0, help="another seed is another run (0)")
    parser.add_argument("--processes", type=positive, default=os.cpu_count() or 1, help="how many to use")
    parser.add_argument("--replay", type=printed, metavar="NAME:HEX", help="play one example that was printed")
    options = parser.parse_args(arguments)
    if options.replay is not None:
        replay(options.replay)
        return 0
    return 1 if fuzz(options.examples, options.seed, options.processes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
