"""
Runs a property on examples from hypothesis, in batches.

hypothesis remembers every example of a run, so a run of a million would not fit into the memory; a batch of a thousand with a seed of
its own does, and can be given to any process.
"""

from __future__ import annotations

import traceback
from itertools import count

from attrs import frozen
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.fuzz.chance import Chance
from tests.fuzz.table import BY_NAME, Property

BATCH = 1000
BLOBS = st.binary(min_size=96, max_size=512)
"""At least so long, because hypothesis draws mostly short ones, and where the bytes end an example ends, too."""
MAX_NOTE = 4000


@frozen(kw_only=True)
class Batch:
    """So many examples of one property."""

    name: str
    """The property's."""
    seed: int
    examples: int


@frozen(kw_only=True)
class Failure:
    """The smallest example found on which a property does not hold."""

    name: str
    """The property's."""
    blob: bytes
    report: str

    @property
    def replay(self) -> str:
        """What `--replay` takes."""
        return f"{self.name}:{self.blob.rstrip(bytes(1)).hex()}"


@frozen(kw_only=True)
class Outcome:
    """What came of a batch: the examples that were run up to the first failure, and that failure."""

    batch: Batch
    examples: int
    failure: Failure | None


def play(each: Property, blob: bytes) -> None:
    """One example; an error gets what was made of the choices as notes."""
    chance = Chance(blob)
    try:
        each.check(chance)
    except BaseException as error:
        for name, value in chance.notes:
            error.add_note(f"{name} = {repr(value)[:MAX_NOTE]}")
        raise


def run(batch: Batch) -> Outcome:
    """Run a batch, and shrink the first example that fails."""
    each = BY_NAME[batch.name]
    counter = count()
    before_failure: list[int] = []
    failed: list[bytes] = []

    @seed(batch.seed)
    @settings(
        max_examples=batch.examples,
        database=None,  # examples of other runs are not among those counted
        deadline=None,  # a busy machine is no failure
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=[HealthCheck.too_slow],  # for the same reason
        report_multiple_bugs=False,
    )
    @given(BLOBS)
    def examples(blob: bytes) -> None:
        number = next(counter)
        try:
            play(each, blob)
        except Exception:
            before_failure.append(number + 1)
            failed.append(blob)
            raise

    try:
        examples()
    except Exception as error:  # noqa: BLE001  # whatever a property fails with is reported
        blob = failed[-1]  # hypothesis ends by playing the smallest one
        report = "".join(traceback.format_exception(error))
        return Outcome(
            batch=batch,
            examples=before_failure[0],
            failure=Failure(name=each.name, blob=blob, report=report),
        )
    return Outcome(batch=batch, examples=next(counter), failure=None)
