"""The formats that price data comes in."""

from __future__ import annotations

from typing import Any

import pytest

from twinwire.money.formats import parse, read
from twinwire.money.prices import FORMAT

SOURCE = {"name": "test", "url": "https://prices.example", "date": "2026-11-20"}
DAY = "2026-11-20"


def read_json(text: str) -> dict[str, Any]:
    found: dict[str, Any] = read(parse(text.encode()), day=DAY, source=SOURCE)["providers"]
    return found


def test_openrouter() -> None:
    """By the token, as text; 0 says that something is not charged apart, and -1 that the price depends on the route."""
    found = read_json(
        """{"data": [
        {"id": "a/b", "canonical_slug": "a/b-2026", "context_length": 1000, "top_provider": {"max_completion_tokens": 100},
         "pricing": {"prompt": "0.0000001", "completion": "0.000002", "input_cache_read": "0.00000001", "request": "0.01",
                     "internal_reasoning": "0", "image": "0"}},
        {"id": "a/b:free", "canonical_slug": "a/b-2026", "pricing": {"prompt": "0", "completion": "0"}},
        {"id": "auto", "pricing": {"prompt": "-1", "completion": "-1"}},
        {"id": "without"}]}"""
    )

    assert found == {
        "openrouter": {
            "a/b": {
                "prices": [{"from": DAY, "input": "0.1", "output": "2", "cache_read": "0.01", "request": "10"}],
                "names": ["a/b-2026"],
                "context_window": 1000,
                "max_output_tokens": 100,
            },
            "a/b:free": {"prices": [{"from": DAY, "input": "0", "output": "0"}]},
        }
    }


def test_litellm() -> None:
    """By the token, as a JSON number, which is read by its digits; cliffs and tiers are in the names."""
    found = read_json(
        """{"sample_spec": {"litellm_provider": "one of"},
        "m": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1.25e-07,
              "input_cost_per_token_above_272k_tokens": 2.5e-07, "output_cost_per_token": 0.00001,
              "input_cost_per_token_batches": 6.25e-08, "cache_creation_input_token_cost_above_1hr": 6e-06,
              "max_input_tokens": 272000, "max_output_tokens": "128000",
              "search_context_cost_per_query": {"low": 0.01, "high": 0.01}},
        "xai/g": {"litellm_provider": "xai", "mode": "chat", "input_cost_per_token": 1e-06},
        "p": {"litellm_provider": "perplexity", "mode": "chat", "input_cost_per_token": 1e-06},
        "i": {"litellm_provider": "openai", "mode": "image_generation", "input_cost_per_token": 1e-06}}"""
    )

    assert found == {
        "openai": {
            "m": {
                "prices": [
                    {
                        "from": DAY,
                        "input": ["0.125", [272000, "0.25"]],
                        "output": "10",
                        "cache_write_1h": "6",
                        "web_search": "10",
                    }
                ],
                "context_window": 272000,
                "variants": {"batch": [{"from": DAY, "input": "0.0625"}]},
            }
        },
        "xai": {"g": {"prices": [{"from": DAY, "input": "1"}]}},
    }


GENAI = """[{"id": "openai", "models": [
    {"id": "m", "match": {"or": [{"equals": "m"}, {"equals": "m-1"}, {"starts_with": "m-x"}, {"regex": "^m-r\\\\d$"}]},
     "context_window": 10,
     "prices": [{"prices": {"input_mtok": 1.10, "requests_kcount": 5, "audio_hours": 1}},
                {"constraint": {"start_date": "2026-10-01"}, "prices": {"input_mtok": {"base": 1, "tiers": [{"start": 9, "price": 2}]}}},
                {"constraint": {"start_time": "01:00:00+00:00", "end_time": "04:00:00Z"}, "prices": {"input_mtok": 3}}],
     "price_variants": [{"when": {"processing": "batch"}, "prices": {"input_mtok": 0.5}},
                        {"when": {"route": "eu"}, "prices": {"input_mtok": 9}}]},
    {"id": "hours", "match": {"equals": "hours"}, "prices": {"audio_hours": 1}},
    {"id": "nothing", "match": {"equals": "nothing"}, "prices": {}}]},
  {"id": "azure", "models": []}]"""


@pytest.mark.parametrize("text", [GENAI, f'{{"providers": {GENAI}}}'])
def test_genai(text: str) -> None:
    """Dates and hours, tiers, variants, and names by clauses; nothing that no usage tells the number of."""
    (entry,) = read_json(text)["openai"].values()

    assert entry["patterns"].pop(0).startswith("m-x(?:")
    assert entry == {
        "prices": [
            {"input": "1.1", "request": "5"},
            {"from": "2026-10-01", "input": ["1", [9, "2"]]},
            {"daily": ["01:00", "04:00"], "input": "3"},
        ],
        "names": ["m-1"],
        "patterns": ["m-r\\d"],
        "context_window": 10,
        "variants": {"batch": [{"input": "0.5"}]},
    }


def test_a_prefix_is_no_guess() -> None:
    """Upstream's prefix takes dated names of a model, and not a model that is not out yet."""
    from twinwire.money.levels import packaged

    table = packaged()
    names = (
        "claude-3-5-haiku-20241022",
        "claude-3-5-haiku-latest",
        "claude-3-5-haiku-ultra",
        "claude-3-5-haiku-2024102",
    )

    assert [bool(table.model("anthropic", name)) for name in names] == [True, True, False, True]


def test_our_own() -> None:
    """A table of ours keeps its date and its sources."""
    document = {"format": FORMAT, "date": "2026-01-02", "providers": {"openai": {"m": {"prices": [{"input": "1"}]}}}}

    assert read(document, day=DAY, source=SOURCE) == document


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1",
        "null",
        "{}",
        "[]",
        "[1]",
        '{"data": []}',
        '{"data": {}}',
        '{"data": [{"id": "m", "pricing": {"prompt": "x", "completion": "1"}}]}',
        '{"data": [{"id": "m", "pricing": {"prompt": NaN, "completion": "1"}}]}',
        '{"providers": [{"id": "openai"}]}',
        '{"m": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": "free"}}',
        '{"format": "twinwire-prices/1"}',
        '{"format": "twinwire-prices/1", "date": "2026-01-02", "providers": {"openai": {"m": {"prices": [{"input": 1}]}}}}',
        '{"format": "twinwire-prices/2", "date": "2026-01-02", "providers": {}}',
    ],
)
def test_what_is_no_table(text: str) -> None:
    """One kind of error for all that cannot be used."""
    with pytest.raises(ValueError, match=r"."):
        read_json(text)
