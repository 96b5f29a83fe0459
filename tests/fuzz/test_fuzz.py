"""Each property on a few examples, the same ones every time; `python -m tests.fuzz` runs as many as asked for."""

from __future__ import annotations

import pytest

from tests.fuzz.runs import Batch, run
from tests.fuzz.table import BY_NAME, PROPERTIES, Property

EXAMPLES = 60


@pytest.mark.parametrize("each", PROPERTIES, ids=BY_NAME)
def test_property(each: Property) -> None:
    """The property holds."""
    outcome = run(Batch(name=each.name, seed=1, examples=EXAMPLES))

    assert outcome.failure is None, f"{outcome.failure.report}\n--replay {outcome.failure.replay}"
    assert outcome.examples == EXAMPLES
