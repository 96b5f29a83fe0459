"""
The formats that price data comes in, turned into our own: genai-prices', litellm's and OpenRouter's list of models.

Numbers are read as decimals and never pass through a binary float. What a format cannot say is left out: litellm's file and OpenRouter's
list have no dates, so their prices hold from the day on which they were fetched. OpenRouter's list has no context tiers either.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, TypeAlias

from twinwire.money.kinds import is_array, is_object
from twinwire.money.prices import FORMAT, PROVIDER_NAMES, PriceTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Raw: TypeAlias = "Any"
"""Parsed JSON of somebody else's: looked at piece by piece, and what is built of it is checked as a whole."""
Document: TypeAlias = "dict[str, Any]"

PROVIDERS = (
    *("openai", "anthropic", "openrouter"),
    *("cerebras", "deepseek", "groq", "mistral", "perplexity", "together", "xai"),
)
"""Those that clients know by name."""

GENAI_RATES = {
    "input_mtok": "input",
    "output_mtok": "output",
    "cache_read_mtok": "cache_read",
    "cache_write_mtok": "cache_write",
    "cache_write_1h_mtok": "cache_write_1h",
    "input_audio_mtok": "input_audio",
    "output_audio_mtok": "output_audio",
    "cache_audio_read_mtok": "cache_read_audio",
    "input_image_mtok": "input_image",
    "output_image_mtok": "output_image",
    "cache_image_read_mtok": "cache_read_image",
    "output_reasoning_mtok": "reasoning",
    "web_searches_kcount": "web_search",
    "storage_searches_kcount": "file_search",
    "requests_kcount": "request",
}
_LITELLM_RATES = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cache_read",
    "cache_creation_input_token_cost": "cache_write",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h",
    "input_cost_per_audio_token": "input_audio",
    "output_cost_per_audio_token": "output_audio",
    "input_cost_per_image_token": "input_image",
    "output_cost_per_image_token": "output_image",
    "output_cost_per_reasoning_token": "reasoning",
}
_LITELLM_VARIANTS = {"_batches": "batch", "_flex": "flex", "_priority": "priority"}
_LITELLM_MODES = frozenset({"chat", "completion", "responses", "embedding"})
_LITELLM_KEY = re.compile(
    r"(?P<rate>\w+?)(?:_above_(?P<thousands>\d+)k_tokens)?(?P<variant>_batches|_flex|_priority)?\Z"
)
_OPENROUTER_RATES = {
    "prompt": "input",
    "completion": "output",
    "input_cache_read": "cache_read",
    "input_cache_write": "cache_write",
    "internal_reasoning": "reasoning",
    "audio": "input_audio",
}
_WHEN = {
    ("service_tier", "flex"): "flex",
    ("service_tier", "priority"): "priority",
    ("service_tier", "fast"): "fast",
    ("speed", "fast"): "fast",
    ("processing", "batch"): "batch",
}
_DATED_NAME = r"(?:[-@:]?(?:latest|preview|beta|instruct|v\d(?::\d)?|\d{4,8}(?:-\d\d){0,2})){0,3}"
"""
What may follow a prefix. Upstream's "starts with" would also take models that are not out yet, whose prices nobody knows.
"""


def parse(data: bytes) -> Raw:
    """Parse JSON with exact numbers. Raises ValueError."""
    return json.loads(data, parse_float=Decimal)


def read(data: Raw, *, day: str, source: Mapping[str, str]) -> Document:
    """
    Turn parsed JSON of a known format into a document of our own, checked.

    *day* is today, as `2026-11-20`; *source* is what the document says of where it is from.

    Raises:
        ValueError: the format is not known, or nothing in it is a price.
    """
    if is_object(data) and data.get("format") == FORMAT:
        found: Document = data
    else:
        try:
            providers = _providers(data, day)
        except (ArithmeticError, AttributeError, IndexError, KeyError, TypeError) as error:
            raise ValueError(f"{source['url']} is not what it seems: {type(error).__name__}: {error}") from error
        found = {"format": FORMAT, "date": day, "sources": [dict(source)], "providers": providers}
    if not PriceTable(found, source["url"]).check():
        raise ValueError(f"{source['url']} holds no prices")
    return found


def _providers(data: Raw, day: str) -> Document:
    if is_object(data) and is_array(data.get("data")):
        return {"openrouter": openrouter_models(data["data"], day)}
    listed = data.get("providers") if is_object(data) else data
    if is_array(listed):
        return genai_providers(listed)
    if is_object(data) and any(is_object(each) and "litellm_provider" in each for each in data.values()):
        return litellm_providers(data, day)
    raise ValueError("the format is none of twinwire's, genai-prices', litellm's and OpenRouter's")


def genai_providers(listed: list[Raw]) -> Document:
    """What genai-prices knows of our providers, as it stands there and in its order."""
    found: Document = {}
    for provider in listed:
        name = PROVIDER_NAMES.get(provider["id"], provider["id"])
        if name in PROVIDERS:
            models = {model["id"]: entry for model in provider["models"] if (entry := _genai_entry(model)) is not None}
            if models:
                found[name] = models
    return found


def _genai_entry(model: Raw) -> Document | None:
    prices = model["prices"]
    if not is_array(prices):
        prices = [{"prices": prices}]
    if prices == [{"prices": {}}]:
        if not model["id"].endswith(":free"):
            return None
        prices = [{"prices": {"input_mtok": "0", "output_mtok": "0"}}]
    names, patterns = _genai_names(model["match"], model["id"])
    dated = [_genai_dated(each) for each in prices]
    if not any("input" in each for each in dated):
        return None  # by the hour, the page or the character: what no usage of a chat tells
    entry: Document = {"prices": dated}
    if names:
        entry["names"] = names
    if patterns:
        entry["patterns"] = patterns
    if model.get("context_window"):
        entry["context_window"] = model["context_window"]
    variants: Document = {}
    for variant in model.get("price_variants", []):
        (*conditions,) = variant["when"].items()
        tier = _WHEN.get(conditions[0]) if len(conditions) == 1 else None
        if tier is not None:
            variants.setdefault(tier, []).append(_genai_dated(variant))
    if variants:
        entry["variants"] = variants
    return entry


def _genai_dated(listed: Raw) -> Document:
    constraint: Document = listed.get("constraint") or {}
    found: Document = {}
    if "start_date" in constraint:
        found["from"] = constraint["start_date"]
    if "start_time" in constraint:
        found["daily"] = [constraint["start_time"][:5], constraint["end_time"][:5]]
    for key, price in listed["prices"].items():
        if key in GENAI_RATES:
            found[GENAI_RATES[key]] = _genai_rate(price)
    return found


def _genai_rate(price: Raw) -> Raw:
    if not is_object(price):
        return text(price)
    tiers = sorted((tier["start"], text(tier["price"])) for tier in price["tiers"])
    return [text(price["base"]), *(list(tier) for tier in tiers)]


def _genai_names(match: Raw, own: str) -> tuple[list[str], list[str]]:
    names: list[str] = []
    patterns: list[str] = []
    for clause in match.get("or", [match]):
        if "equals" in clause:
            names.append(clause["equals"])
        elif "starts_with" in clause:
            prefix = clause["starts_with"]
            # A fine-tuned model has a name of its own after that of its base.
            rest = ".*" if prefix.startswith("ft:") or prefix.endswith(".ft-") else _DATED_NAME
            patterns.append(re.escape(prefix).replace(r"\-", "-") + rest)
        elif "regex" in clause:
            patterns.append(clause["regex"].removeprefix("^").removesuffix("$"))
    return sorted({name for name in names if name != own}), patterns


def litellm_providers(data: Mapping[str, Raw], day: str | None) -> Document:
    """What litellm's file knows of our providers. *day* is from when on it holds, None for always."""
    found: Document = {}
    for name, model in data.items():
        if not is_object(model) or model.get("mode") not in _LITELLM_MODES:
            continue
        listed = str(model.get("litellm_provider"))
        provider = PROVIDER_NAMES.get(listed, listed)
        # Perplexity's fee for each request is not among its prices there.
        if provider not in PROVIDERS or provider == "perplexity":
            continue
        entry = _litellm_entry(model, day)
        if entry is not None:
            found.setdefault(provider, {})[name.removeprefix(f"{listed}/")] = entry
    return found


def _litellm_entry(model: Mapping[str, Raw], day: str | None) -> Document | None:
    rates: dict[str, dict[str, dict[int, str]]] = {}
    for key, value in model.items():
        match = _LITELLM_KEY.match(key)
        if match is None or match["rate"] not in _LITELLM_RATES or isinstance(value, bool | str) or value is None:
            continue
        variant = _LITELLM_VARIANTS.get(match["variant"] or "", "")
        tiers = rates.setdefault(variant, {}).setdefault(_LITELLM_RATES[match["rate"]], {})
        tiers[1000 * int(match["thousands"] or 0)] = text(_decimal(value) * 1_000_000)
    plain = _litellm_dated(rates.pop("", {}), day)
    if "input" not in plain:
        return None
    searches = model.get("search_context_cost_per_query")
    if is_object(searches) and len({*searches.values()}) == 1:
        plain["web_search"] = text(_decimal(next(iter(searches.values()))) * 1000)
    entry: Document = {"prices": [plain]}
    for key, name in (("max_input_tokens", "context_window"), ("max_output_tokens", "max_output_tokens")):
        if type(model.get(key)) is int and model[key] > 0:
            entry[name] = model[key]
    variants = {
        name: [dated] for name, each in sorted(rates.items()) if "input" in (dated := _litellm_dated(each, day))
    }
    if variants:
        entry["variants"] = variants
    return entry


def _litellm_dated(rates: Mapping[str, Mapping[int, str]], day: str | None) -> Document:
    found: Document = {} if day is None else {"from": day}
    for name, tiers in rates.items():
        if 0 in tiers:
            above = [[start, tiers[start]] for start in sorted(tiers) if start]
            found[name] = [tiers[0], *above] if above else tiers[0]
    return found


def openrouter_models(listed: list[Raw], day: str) -> Document:
    """OpenRouter's list of models. A negative price there is one that depends on where the request goes: unknown."""
    return {model["id"]: entry for model, entry in _openrouter_entries(listed, day)}


def _openrouter_entries(listed: list[Raw], day: str) -> Iterator[tuple[Raw, Document]]:
    for model in listed:
        pricing = model.get("pricing") if is_object(model) else None
        if not is_object(pricing) or not isinstance(model.get("id"), str):
            continue
        prices = {
            name: _decimal(pricing[key]) for key, name in _OPENROUTER_RATES.items() if pricing.get(key) is not None
        }
        if not {"input", "output"} <= prices.keys() or any(price < 0 for price in prices.values()):
            continue
        # 0 for anything but a whole model means that it is not charged apart.
        plain = {"input", "output"}
        rates = {name: text(price * 1_000_000) for name, price in prices.items() if price or name in plain}
        if pricing.get("request") is not None and (request := _decimal(pricing["request"])) > 0:
            rates["request"] = text(request * 1000)
        entry: Document = {"prices": [{"from": day, **rates}]}
        canonical = model.get("canonical_slug")
        if isinstance(canonical, str) and canonical != model["id"] and ":" not in model["id"]:
            entry["names"] = [canonical]
        top = model.get("top_provider")
        output = top.get("max_completion_tokens") if is_object(top) else None
        for name, value in (("context_window", model.get("context_length")), ("max_output_tokens", output)):
            if type(value) is int and value > 0:
                entry[name] = value
        yield model, entry


def _decimal(value: Raw) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{value!r} is no price") from None


def text(value: Raw) -> str:
    """A price as a table has it: plain digits, without zeros that say nothing."""
    written = f"{_decimal(value):f}"
    return (written.rstrip("0").rstrip(".") or "0") if "." in written else written
