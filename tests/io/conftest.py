"""Fixtures of the transports' tests."""

from __future__ import annotations

import pytest

from tests.io.flavours import FLAVOURS, Flavour, FlavourName


@pytest.fixture(params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> Flavour:
    """Each flavour in turn."""
    name: FlavourName = request.param
    return Flavour(name)
