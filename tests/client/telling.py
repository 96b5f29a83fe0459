"""Everything that an object or an error tells somebody who looks closely."""

from __future__ import annotations

import copy
import pickle
import traceback
from pathlib import Path

from tests.client.cases import KEY
from twinwire import TwinwireError

TESTS = str(Path(__file__).parents[1])


def shown(value: object, depth: int = 4) -> str:
    """Everything that looking at an object shows, some levels deep."""
    texts = [repr(value), str(value)]
    if depth and not isinstance(value, str | bytes | int | float | type(None)):
        names = [*getattr(value, "__dict__", {}), *getattr(type(value), "__slots__", ())]
        texts += [shown(getattr(value, name, None), depth - 1) for name in names]
    return "\n".join(texts)


def told(error: BaseException) -> str:
    """Everything that an error and those behind it tell, with the local variables of all frames but the tests' own."""
    report = traceback.TracebackException.from_exception(error, capture_locals=True)
    parts = ["".join(report.format_exception_only()), shown(error)]
    parts += [
        f"{frame.filename}:{frame.lineno} {frame.locals}" for frame in report.stack if TESTS not in frame.filename
    ]
    if isinstance(error, TwinwireError):
        parts += [repr(pickle.dumps(error)), shown(copy.copy(error))]
    behind = {id(item): item for item in (error.__cause__, error.__context__) if item is not None}
    return "\n".join([*parts, *(told(item) for item in behind.values())])


def lines_with_key(text: str) -> list[str]:
    """Where the key stands, for the message of a failed test."""
    return [line[:100] for line in text.splitlines() if KEY in line]
