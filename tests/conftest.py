"""
What holds for the whole suite: which transport the clients' tests use, and that nothing is skipped in continuous integration.

`pytest --transport=httpx` (or `httpx2`) runs the tests marked `transports` again with an injected client of that library, and no
others: the rest does not depend on it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.redis_server import RedisServer

TransportName: TypeAlias = Literal["default", "httpx", "httpx2"]
TRANSPORTS: dict[str, TransportName] = {"default": "default", "httpx": "httpx", "httpx2": "httpx2"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--transport", choices=tuple(TRANSPORTS), default="default", help="what the clients send through")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "transports: run with each --transport, for it sends through a client")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--transport") == "default":
        return
    others = [item for item in items if item.get_closest_marker("transports") is None]
    items[:] = [item for item in items if item.get_closest_marker("transports") is not None]
    config.hook.pytest_deselected(items=others)
    for item in items:
        # trio warns of generators inside httpx that are left when a body is left early, and nobody else can close those.
        item.add_marker(pytest.mark.filterwarnings("ignore:Async generator 'http:ResourceWarning"))


@pytest.fixture(scope="session")
def transport_name(request: pytest.FixtureRequest) -> TransportName:
    """What the clients are to send through."""
    return TRANSPORTS[str(request.config.getoption("--transport"))]


@pytest.fixture(scope="session")
def redis_server() -> Generator[RedisServer]:
    """A real Redis server, which all tests of one process share."""
    from tests.redis_server import MISSING, is_installed, started  # which an installed wheel's tests do not have

    if not is_installed():
        pytest.skip(MISSING)
    with started() as server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The address of that server, emptied for this test."""
    redis_server.clear()
    return redis_server.url


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_skip(report)
    return report


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Continuous integration has all that a test may need, so one that did not run there is one that nobody runs."""
    if report.outcome == "skipped" and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped, and CI is set: {reason}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many of how many recorded exchanges were replayed, by flavour of the client."""
    totals: dict[str, list[int]] = {}
    value: Any  # a tuple, or a list where it came from a worker
    for report in [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]:
        for name, value in report.user_properties:
            if name == "replay":
                flavour, *counts = value
                totals[flavour] = [
                    total + count for total, count in zip(totals.get(flavour, [0, 0, 0]), counts, strict=True)
                ]
    for flavour, (right, count, served) in sorted(totals.items()):
        terminalreporter.write_line(f"replay, {flavour}: {right} of {count} recordings, served {served} times")
