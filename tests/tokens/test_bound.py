"""Upper bounds are never under the count, and calibration follows what is reported."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest

from tests.tokens.test_count import COOKBOOK, LOOK
from tests.tokens.test_estimate import TEXTS
from twinwire import count_tokens
from twinwire.tokens.bound import unbounded, upper_bound
from twinwire.tokens.calibration import ENOUGH, MARGIN, MAX_MODELS, MOST_RATIO, Calibration


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-5-mini", "o3"])
@pytest.mark.parametrize(
    "request_",
    [
        {"messages": []},
        {"messages": COOKBOOK},
        {"messages": COOKBOOK, "tools": [LOOK]},
        *({"messages": [{"role": "user", "content": text}]} for text in TEXTS.values()),
        {"messages": [{"role": "user", "content": "\ud800\x00😀" * 50}]},
    ],
)
def test_bound_is_never_below_the_count(model: str, request_: dict[str, Any]) -> None:
    """Whatever the script or the format."""
    counted = count_tokens(model, **request_)

    assert upper_bound({"model": model, **request_}) > counted.tokens
    assert unbounded({"model": model, **request_}) is None


def test_bound_of_random_text_is_never_below_the_count() -> None:
    """Random characters take the most tokens."""
    chance = random.Random(7)
    for size in (1, 10, 300):
        text = "".join(chr(chance.choice([chance.randrange(32, 127), chance.randrange(0x10FFFF)])) for _ in range(size))
        messages = [{"role": "user", "content": text}]

        assert upper_bound({"model": "gpt-4o", "messages": messages}) > count_tokens("gpt-4o", messages).tokens


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ({"messages": [{"role": "user", "content": [{"type": "file", "file": {"file_id": "f"}}]}]}, "files"),
        ({"messages": [], "web_search_options": {}}, "builtin_tools"),
        ({"messages": [], "tools": [{"type": "web"}]}, "builtin_tools"),
        ({"messages": [{"role": "assistant", "audio": {"id": "a"}}]}, "audio"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://a"}}]}]}, None),
    ],
)
def test_what_has_no_bound_is_named(body: dict[str, Any], what: str | None) -> None:
    """A reservation cannot be made for it."""
    assert unbounded({"model": "gpt-4o", **body}) == what


def test_bound_of_a_strange_body() -> None:
    """No error: what is wrong with it is for others to say."""
    assert upper_bound({"model": None, "messages": "text"}) > 0


def test_bound_takes_microseconds() -> None:
    """No vocabulary is loaded and no text is encoded."""
    body = {"model": "gpt-4o", "messages": COOKBOOK}
    upper_bound(body)
    begin = time.perf_counter()
    for _ in range(100):
        upper_bound(body)

    assert (time.perf_counter() - begin) / 100 < 0.002


def test_calibration_learns_a_ratio() -> None:
    """And follows a change."""
    calibration = Calibration()
    for _ in range(20):
        calibration.learn("m", 1000, 1500)
    assert calibration.expected("m", 200) == 300
    for _ in range(60):
        calibration.learn("m", 1000, 800)
    assert abs(calibration.expected("m", 200) - 160) <= 1
    assert calibration.reports("m") == 64


def test_calibration_is_deterministic() -> None:
    """The same reports give the same answers."""
    one, other = Calibration(), Calibration()
    for made in (one, other):
        for index in range(30):
            made.learn("m", 100 + index, 90 + 2 * index)

    assert one.expected("m", 12345) == other.expected("m", 12345)
    assert one.spread("m") == other.spread("m")


def test_unknown_model_is_left_alone() -> None:
    """Without reports the estimate stands."""
    calibration = Calibration()

    assert (calibration.expected("m", 77), calibration.tightened("m", 77), calibration.spread("m")) == (77, 77, None)


@pytest.mark.parametrize("pair", [(0, 5), (5, 0), (-1, 4)])
def test_senseless_reports_are_dropped(pair: tuple[int, int]) -> None:
    """A reply without usage says 0."""
    calibration = Calibration()
    calibration.learn("m", *pair)

    assert calibration.reports("m") == 0


def test_absurd_report_has_a_limit() -> None:
    """One cannot ruin the ratio."""
    calibration = Calibration()
    calibration.learn("m", 100, 10**9)

    assert calibration.expected("m", 100) == 100 * MOST_RATIO


def test_short_prompts_count_for_less() -> None:
    """Their format weighs more than their text."""
    calibration = Calibration()
    calibration.learn("m", 1000, 1000)
    calibration.learn("m", 5, 25)

    assert calibration.expected("m", 1000) < 1300


def test_bound_is_tightened_after_enough_reports() -> None:
    """To the largest ratio that was seen, with a margin, and never above the bound."""
    calibration = Calibration()
    for index in range(ENOUGH):
        assert calibration.tightened("m", 1000) == 1000
        calibration.learn("m", 1000, 200 + index)
    assert calibration.tightened("m", 1000) == pytest.approx((200 + ENOUGH - 1) * MARGIN, abs=1)
    calibration.learn("m", 1000, 990)
    assert calibration.tightened("m", 1000) == 1000


def test_calibration_forgets_models() -> None:
    """Names that users make up cannot fill the memory; those in use stay."""
    calibration = Calibration()
    for index in range(2 * MAX_MODELS):
        calibration.learn(f"m{index}", 100, 150)
        calibration.learn("used", 100, 150)

    assert calibration.reports("m0") == 0
    assert calibration.reports("used") == 64
    assert len(calibration._models) == MAX_MODELS
