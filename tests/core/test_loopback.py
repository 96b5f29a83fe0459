"""Which hosts are this machine."""

from __future__ import annotations

import pytest

from twinwire._core.loopback import is_loopback


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "localhost.", "api.localhost", "127.0.0.1", "127.8.9.1", "::1"]
)
def test_this_machine(host: str) -> None:
    """Names and addresses that cannot be anywhere else."""
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "localhost.example.com",
        "notlocalhost",
        "127.0.0.1.example.com",
        "10.0.0.1",
        "0.0.0.1",
        "1.2.3",
        "::2",
        "fe80::1",
    ],  # no binding
)
def test_other_machines(host: str) -> None:
    """What only looks like it is not."""
    assert not is_loopback(host)
