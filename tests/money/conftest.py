"""No cache and no prices of the developer's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from twinwire.money.levels import LEVELS

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    """The folder of cached tables, which is not there yet."""
    monkeypatch.setenv("TWINWIRE_CACHE_DIR", str(tmp_path / "cache"))
    for name in ("TWINWIRE_PRICES", "TWINWIRE_PRICES_URL"):
        monkeypatch.delenv(name, raising=False)
    LEVELS.forget()
    yield tmp_path / "cache" / "prices"
    LEVELS.forget()
