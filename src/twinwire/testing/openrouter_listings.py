"""What OpenRouter's GET endpoints answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from attrs import frozen

from twinwire.testing.chat import CREATED, Chat
from twinwire.testing.spending import usd

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from twinwire.testing.spending import Prices

_ARCHITECTURE = {
    "modality": "text->text",
    "input_modalities": ["text"],
    "output_modalities": ["text"],
    "tokenizer": "Other",
    "instruct_type": None,
}
_PARAMETERS = ["max_tokens", "stop", "tools", "tool_choice"]
_CONTEXT = 128_000
_TOTAL_CREDITS = 100


@frozen(kw_only=True)
class Generation:
    """A chat answer that was given, for `/generation`."""

    chat: Chat
    is_streamed: bool


def listing(
    path: str,
    query: Mapping[str, str],
    models: Sequence[str],
    generations: Mapping[str, Generation],
    prices: Prices,
) -> object:
    """What a GET of *path* answers, or None where there is nothing."""
    spent = round(sum(generation.chat.cost for generation in generations.values()), 12)
    match path.strip("/").split("/"):
        case ["models"]:
            return {
                "data": [_model(name, prices) for name in models],
                "total_count": len(models),
                "links": {"next": None},
            }
        case ["models", author, slug, "endpoints"] if f"{author}/{slug}" in models:
            return {"data": _with_endpoints(f"{author}/{slug}", prices)}
        case ["generation"] if query.get("id") in generations:
            return {"data": _generation(query["id"], generations[query["id"]])}
        case ["key"]:
            return {"data": _key(spent)}
        case ["credits"]:
            return {"data": {"total_credits": _TOTAL_CREDITS, "total_usage": spent}}
        case ["providers"]:
            return {"data": [_provider()]}
        case _:
            return None


def _pricing(name: str, prices: Prices) -> dict[str, object]:
    prompt, completion = prices.of(name)
    return {"prompt": f"{usd(1, prompt):f}", "completion": f"{usd(1, completion):f}", "request": "0", "image": "0"}


def _model(name: str, prices: Prices) -> dict[str, object]:
    return {
        "id": name,
        "canonical_slug": name,
        "hugging_face_id": None,
        "name": f"Loopback: {name}",
        "created": CREATED,
        "description": "Says what it is told.",
        "context_length": _CONTEXT,
        "architecture": _ARCHITECTURE,
        "pricing": _pricing(name, prices),
        "top_provider": {"context_length": _CONTEXT, "max_completion_tokens": None, "is_moderated": False},
        "per_request_limits": None,
        "supported_parameters": _PARAMETERS,
        "default_parameters": {},
        "supported_voices": None,
        "knowledge_cutoff": None,
        "expiration_date": None,
        "links": {"details": f"/api/v1/models/{name}/endpoints"},
    }


def _with_endpoints(name: str, prices: Prices) -> dict[str, object]:
    endpoint = {
        "name": f"Loopback | {name}",
        "model_id": name,
        "model_name": f"Loopback: {name}",
        "context_length": _CONTEXT,
        "pricing": _pricing(name, prices),
        "provider_name": "Loopback",
        "tag": "loopback",
        "quantization": None,
        "max_completion_tokens": None,
        "max_prompt_tokens": None,
        "supported_parameters": _PARAMETERS,
        "status": 0,
        "uptime_last_30m": 100,
        "uptime_last_5m": 100,
        "uptime_last_1d": 99.5,
        "supports_implicit_caching": False,
        "latency_last_30m": {"p50": 0.01, "p75": 0.02, "p90": 0.03, "p99": 0.05},
        "throughput_last_30m": None,
    }
    kept = ("id", "name", "created", "description", "architecture")
    model = _model(name, prices)
    return {**{key: model[key] for key in kept}, "endpoints": [endpoint]}


def _generation(id: str, generation: Generation) -> dict[str, object]:
    chat = generation.chat
    return {
        "id": id,
        "upstream_id": f"chatcmpl-{chat.number:06}",
        "request_id": None,
        "total_cost": chat.cost,
        "cache_discount": None,
        "upstream_inference_cost": None,
        "created_at": datetime.fromtimestamp(CREATED, UTC).isoformat(),
        "model": chat.model,
        "app_id": None,
        "streamed": generation.is_streamed,
        "cancelled": False,
        "provider_name": "Loopback",
        "latency": 5,
        "moderation_latency": None,
        "generation_time": 5,
        "finish_reason": chat.finish_reason,
        "native_finish_reason": chat.finish_reason,
        "service_tier": None,
        "tokens_prompt": chat.prompt_tokens,
        "tokens_completion": chat.completion_tokens,
        "native_tokens_prompt": chat.prompt_tokens,
        "native_tokens_completion": chat.completion_tokens,
        "native_tokens_completion_images": None,
        "native_tokens_reasoning": chat.reasoning_tokens,
        "native_tokens_cached": 0,
        "num_media_prompt": None,
        "num_input_audio_prompt": None,
        "num_media_completion": None,
        "num_search_results": None,
        "num_fetches": None,
        "web_search_engine": None,
        "origin": "",
        "usage": chat.cost,
        "is_byok": False,
        "external_user": None,
        "api_type": "completions",
        "preset_id": None,
        "router": None,
        "provider_responses": None,
        "user_agent": None,
        "http_referer": None,
        "data_region": "global",
        "workspace_id": None,
    }


def _key(spent: float) -> dict[str, object]:
    periods = ("", "_daily", "_weekly", "_monthly")
    return {
        "label": "loopback key",
        "creator_user_id": "user_loopback",
        "limit": None,
        "limit_remaining": None,
        "limit_reset": None,
        **{f"usage{period}": spent for period in periods},
        **{f"byok_usage{period}": 0 for period in periods},
        "include_byok_in_limit": False,
        "is_free_tier": False,
        "is_management_key": False,
        "is_provisioning_key": False,
        "expires_at": None,
        "rate_limit": {"requests": -1, "interval": "10s", "note": "Deprecated."},
    }


def _provider() -> dict[str, object]:
    return {
        "name": "Loopback",
        "slug": "loopback",
        "privacy_policy_url": None,
        "terms_of_service_url": None,
        "status_page_url": None,
        "headquarters": None,
        "datacenters": None,
    }
