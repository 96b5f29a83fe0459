"""`python -m tests.processes`: one line per check, and a line of totals."""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections import deque

from tests.arguments import positive
from tests.processes.listing import CHECKS, variants
from tests.processes.runner import Outcome, Worker


def main() -> int:
    """Run the checks that were asked for; the exit status is 1 if one failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.processes", description=__doc__)
    parser.add_argument("-k", default="", metavar="NAME", help="only checks with this in their name, client or mode")
    parser.add_argument("--jobs", type=positive, default=2, help="how many run at once (default: 2)")
    parser.add_argument("--every-mode", action="store_true", help="run each check with and without the debugging modes")
    arguments = parser.parse_args()
    chosen = variants(word=arguments.k, every_mode=arguments.every_mode)
    if not chosen:
        names = ", ".join(check.name for check in CHECKS)
        parser.error(f"no check has {arguments.k!r} in its name, client or mode; there are: {names}")

    began = time.monotonic()
    # The longest first, so that the last one to end is a short one.
    waiting = deque(
        sorted(
            chosen,
            key=lambda variant: -variant.check.limit_seconds,
        )
    )
    outcomes: list[Outcome] = []
    wanted = len(waiting)

    def work() -> None:
        with Worker() as worker:
            while True:
                try:
                    variant = waiting.popleft()
                except IndexError:
                    return
                outcome = worker.run(variant)
                outcomes.append(outcome)
                _tell(outcome)

    threads = [threading.Thread(target=work) for _ in range(arguments.jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    failed = [outcome for outcome in outcomes if outcome.complaints]
    checks = {outcome.variant.check.name for outcome in outcomes}
    print(
        f"processes: {len(outcomes) - len(failed)} of {wanted} runs of {len(checks)} checks passed "
        f"in {time.monotonic() - began:.1f} s"
    )
    return 0 if len(outcomes) == wanted and not failed else 1


def _tell(outcome: Outcome) -> None:
    verdict = "FAILED" if outcome.complaints else "ok"
    lines = [f"{verdict:6} {outcome.seconds:5.1f} s  {outcome.variant}"]
    if outcome.complaints:
        lines.append(f"       must hold: {outcome.variant.check.holds}")
        lines.extend("       " + line for complaint in outcome.complaints for line in complaint.splitlines())
    print("\n".join(lines), flush=True)


if __name__ == "__main__":
    sys.exit(main())
