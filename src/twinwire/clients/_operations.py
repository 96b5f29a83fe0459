# Generated from spec/ by codegen. Do not edit: change the spec, then run `nox -s generate`.
# Written with datamodel-code-generator 0.89.0, ruff 0.17.5.

"""Every operation of the spec: where its arguments go, and what comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire._client.operation import Operation

if TYPE_CHECKING:
    from typing import Never

    from twinwire.types.account import CreditsResponse, GenerationResponse, KeyResponse, ProvidersResponse
    from twinwire.types.embeddings import CreateEmbeddingResponse
    from twinwire.types.listings import Model, ModelEndpointsResponse, ModelList
    from twinwire.types.reply import ChatCompletion
    from twinwire.types.stream import ChatCompletionChunk

CHAT_COMPLETIONS_CREATE: Operation[ChatCompletion, ChatCompletionChunk] = Operation(
    "chat.completions.create",
    method="POST",
    path="/chat/completions",
    body_params=(
        "messages",
        "model",
        "audio",
        "cache_control",
        "debug",
        "deferred_tools",
        "frequency_penalty",
        "function_call",
        "functions",
        "image_config",
        "logit_bias",
        "logprobs",
        "max_completion_tokens",
        "max_tokens",
        "metadata",
        "min_p",
        "modalities",
        "models",
        "moderation",
        "n",
        "parallel_tool_calls",
        "plugins",
        "prediction",
        "presence_penalty",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
        "provider",
        "reasoning",
        "reasoning_effort",
        "repetition_penalty",
        "response_format",
        "route",
        "safety_identifier",
        "seed",
        "service_tier",
        "session_id",
        "stop",
        "stop_server_tools_when",
        "store",
        "stream",
        "stream_options",
        "temperature",
        "tool_choice",
        "tools",
        "top_a",
        "top_k",
        "top_logprobs",
        "top_p",
        "trace",
        "transforms",
        "usage",
        "user",
        "verbosity",
        "web_search_options",
    ),
    reply="twinwire.types.reply:ChatCompletion",
    event="twinwire.types.stream:ChatCompletionChunk",
    checks="twinwire.clients._checks:CHAT_COMPLETIONS_CREATE",
)
CREDITS_RETRIEVE: Operation[CreditsResponse, Never] = Operation(
    "credits.retrieve",
    method="GET",
    path="/credits",
    reply="twinwire.types.account:CreditsResponse",
    checks="twinwire.clients._checks:CREDITS_RETRIEVE",
)
EMBEDDINGS_CREATE: Operation[CreateEmbeddingResponse, Never] = Operation(
    "embeddings.create",
    method="POST",
    path="/embeddings",
    body_params=(
        "input",
        "model",
        "dimensions",
        "encoding_format",
        "input_type",
        "provider",
        "user",
    ),
    reply="twinwire.types.embeddings:CreateEmbeddingResponse",
    checks="twinwire.clients._checks:EMBEDDINGS_CREATE",
)
GENERATIONS_RETRIEVE: Operation[GenerationResponse, Never] = Operation(
    "generations.retrieve",
    method="GET",
    path="/generation",
    query_params=("id",),
    reply="twinwire.types.account:GenerationResponse",
    checks="twinwire.clients._checks:GENERATIONS_RETRIEVE",
)
KEY_RETRIEVE: Operation[KeyResponse, Never] = Operation(
    "key.retrieve",
    method="GET",
    path="/key",
    reply="twinwire.types.account:KeyResponse",
    checks="twinwire.clients._checks:KEY_RETRIEVE",
)
MODELS_ENDPOINTS: Operation[ModelEndpointsResponse, Never] = Operation(
    "models.endpoints",
    method="GET",
    path="/models/{author}/{slug}/endpoints",
    path_params=(
        "author",
        "slug",
    ),
    reply="twinwire.types.listings:ModelEndpointsResponse",
    checks="twinwire.clients._checks:MODELS_ENDPOINTS",
)
MODELS_LIST: Operation[ModelList, Never] = Operation(
    "models.list",
    method="GET",
    path="/models",
    query_params=(
        "q",
        "sort",
        "offset",
        "limit",
        "category",
        "supported_parameters",
        "input_modalities",
        "output_modalities",
        "context",
        "arch",
        "model_authors",
        "providers",
        "distillable",
        "zdr",
        "region",
        "min_price",
        "max_price",
        "min_output_price",
        "max_output_price",
        "min_age_days",
        "max_age_days",
        "min_intelligence_index",
        "max_intelligence_index",
        "min_coding_index",
        "max_coding_index",
        "min_agentic_index",
        "max_agentic_index",
        "min_tool_success_rate",
        "max_tool_success_rate",
    ),
    reply="twinwire.types.listings:ModelList",
    checks="twinwire.clients._checks:MODELS_LIST",
)
MODELS_RETRIEVE: Operation[Model, Never] = Operation(
    "models.retrieve",
    method="GET",
    path="/models/{model}",
    path_params=("model",),
    reply="twinwire.types.listings:Model",
    checks="twinwire.clients._checks:MODELS_RETRIEVE",
)
PROVIDERS_LIST: Operation[ProvidersResponse, Never] = Operation(
    "providers.list",
    method="GET",
    path="/providers",
    reply="twinwire.types.account:ProvidersResponse",
    checks="twinwire.clients._checks:PROVIDERS_LIST",
)
