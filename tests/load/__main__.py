"""
The load tests as a command.

`python -m tests.load` puts load on limits and on budgets, on a file and on a Redis server; `limits` or `spending` is one of them. It ends in
one line of totals for each, with the exit status 1 where a bar was missed. Where no Redis server is installed it says so, and fails where `CI`
is set.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

from attrs import evolve

from tests.load import limits, situations, spending
from tests.redis_server import MISSING, is_installed


def main() -> int:
    """Run what is asked for, print, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("limits", "spending"), help="both, if it is not given")
    parser.add_argument("--seed", type=int, default=1, help="who is killed when, and what is asked (1)")
    options = parser.parse_args()
    has_redis = is_installed()
    missed = 0
    if options.what != "spending":
        missed += _limits(has_redis=has_redis)
    if options.what != "limits":
        missed += _spending(options.seed, has_redis=has_redis)
    if not has_redis:
        print(f"NOT SHOWN: {MISSING}")
        missed += bool(os.environ.get("CI"))
    return 1 if missed else 0


def _limits(*, has_redis: bool) -> int:
    began = time.monotonic()
    judged = limits.run([each for each in situations.ALL if has_redis or each.store != "redis"])
    print(limits.HEADER)
    for each in judged:
        print(each.row())
    if late := [each for each in judged if each.misses()]:
        # A client allows for trips of up to a fiftieth of a window. Of a minute that is more than a second, of these windows less than a busy
        # machine may stand still for.
        print("once more, with less beside them, and windows of twice the length:")
        again = [evolve(each.situation, window_seconds=2 * each.situation.window_seconds) for each in late]
        repeated = limits.run(again, period=limits.AGAIN)
        for each in repeated:
            print(each.row())
        judged = [*(each for each in judged if each not in late), *repeated]
    misses = [f"{each.situation.name}: {missed}" for each in judged for missed in each.misses()]
    for missed in misses:
        print(f"MISSED by {missed}")
    print(
        f"limits: {len(judged)} kinds, {limits.PROCESSES} processes of {limits.TASKS} tasks each, {len(misses)} bars missed, "
        f"{time.monotonic() - began:.1f} s"
    )
    return len(misses)


def _spending(seed: int, *, has_redis: bool) -> int:
    began = time.monotonic()
    print(spending.HEADER)
    misses: list[str] = []
    for store in ("sqlite", "redis") if has_redis else ("sqlite",):
        for killed in (0, spending.PROCESSES // 2):
            sold = spending.run(store, killed=killed, seed=seed)
            print(sold.row())
            misses += [f"{store}, {killed} killed: {missed}" for missed in sold.misses()]
    for missed in misses:
        print(f"MISSED by {missed}")
    print(
        f"spending: {spending.PROCESSES} processes of {spending.CALLS} calls each, {len(misses)} bars missed, "
        f"{time.monotonic() - began:.1f} s"
    )
    return len(misses)


if __name__ == "__main__":
    sys.exit(main())
