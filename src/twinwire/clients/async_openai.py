# Generated from spec/ by codegen. Do not edit: change the spec, then run `nox -s generate`.
# Written with datamodel-code-generator 0.89.0, ruff 0.17.5.

"""`AsyncOpenAI`, the async client of OpenAI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

from twinwire._client.async_base import AsyncClient
from twinwire._client.operation import CallOptions
from twinwire._client.secret import Hidden
from twinwire._model.unset import UNSET
from twinwire.clients._operations import CHAT_COMPLETIONS_CREATE, EMBEDDINGS_CREATE, MODELS_LIST, MODELS_RETRIEVE

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from pathlib import PurePath
    from typing import Self

    from twinwire._client.async_streams import AsyncChatStream, AsyncStream
    from twinwire._client.raw import RawResponse
    from twinwire._core.caps import Caps
    from twinwire._core.pool import Pool
    from twinwire._core.retry import Retry
    from twinwire._core.store import Store
    from twinwire._core.timeout import Timeout
    from twinwire._io.async_transport import AsyncTransport
    from twinwire._io.http_client import AsyncHTTPClient
    from twinwire._model.unset import Unset
    from twinwire.limits.breaker import Breaker
    from twinwire.limits.options import Limits
    from twinwire.money.budget import Budget
    from twinwire.money.ledger import Ledger
    from twinwire.money.levels import GivenPrices
    from twinwire.types.embeddings import CreateEmbeddingResponse, EmbeddingInputParam
    from twinwire.types.listings import Model, ModelList
    from twinwire.types.messages import ChatCompletionMessageParam
    from twinwire.types.reply import ChatCompletion, ChatCompletionMessage
    from twinwire.types.request import (
        ChatCompletionAudioParam,
        ChatCompletionPredictionContentParam,
        ChatCompletionStreamOptionsParam,
        ModerationParam,
        PromptCacheOptionsParam,
        ResponseFormatParam,
        WebSearchOptionsParam,
    )
    from twinwire.types.stream import ChatCompletionChunk
    from twinwire.types.tools import (
        ChatCompletionFunctionCallOptionParam,
        ChatCompletionToolChoiceOptionParam,
        ChatCompletionToolUnionParam,
        LegacyFunctionParam,
    )


class AsyncChatCompletions:
    """`client.chat.completions`."""

    __slots__ = ("_client",)

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> AsyncChatCompletionsWithRawResponse:
        """The same methods, returning the status, headers and bytes along with the reply."""
        return AsyncChatCompletionsWithRawResponse(self._client)

    @overload
    async def create(
        self,
        *,
        messages: Sequence[ChatCompletionMessageParam | Mapping[str, object] | ChatCompletion | ChatCompletionMessage],
        model: str,
        audio: ChatCompletionAudioParam | Mapping[str, object] | Unset | None = UNSET,
        frequency_penalty: float | Unset | None = UNSET,
        function_call: Literal["none", "auto"]
        | str
        | ChatCompletionFunctionCallOptionParam
        | Mapping[str, object]
        | Unset = UNSET,
        functions: Sequence[LegacyFunctionParam | Mapping[str, object]] | Unset = UNSET,
        logit_bias: Mapping[str, float] | Unset | None = UNSET,
        logprobs: bool | Unset | None = UNSET,
        max_completion_tokens: int | Unset | None = UNSET,
        max_tokens: int | Unset | None = UNSET,
        metadata: Mapping[str, str] | Unset | None = UNSET,
        modalities: Sequence[Literal["text", "image", "audio"] | str] | Unset | None = UNSET,
        moderation: ModerationParam | Mapping[str, object] | Unset | None = UNSET,
        n: int | Unset | None = UNSET,
        parallel_tool_calls: bool | Unset | None = UNSET,
        prediction: ChatCompletionPredictionContentParam | Mapping[str, object] | Unset | None = UNSET,
        presence_penalty: float | Unset | None = UNSET,
        prompt_cache_key: str | Unset | None = UNSET,
        prompt_cache_options: PromptCacheOptionsParam | Mapping[str, object] | Unset | None = UNSET,
        prompt_cache_retention: Literal["in_memory", "24h"] | str | Unset | None = UNSET,
        reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
        | str
        | Unset
        | None = UNSET,
        response_format: ResponseFormatParam | Mapping[str, object] | Unset = UNSET,
        safety_identifier: str | Unset | None = UNSET,
        seed: int | Unset | None = UNSET,
        service_tier: Literal["auto", "default", "flex", "scale", "priority", "fast", "ultrafast"]
        | str
        | Unset
        | None = UNSET,
        stop: str | Sequence[str] | Unset | None = UNSET,
        store: bool | Unset | None = UNSET,
        stream: Literal[False] | Unset | None = UNSET,
        stream_options: ChatCompletionStreamOptionsParam | Mapping[str, object] | Unset | None = UNSET,
        temperature: float | Unset | None = UNSET,
        tool_choice: ChatCompletionToolChoiceOptionParam | Mapping[str, object] | Unset = UNSET,
        tools: Sequence[ChatCompletionToolUnionParam | Mapping[str, object]] | Unset = UNSET,
        top_logprobs: int | Unset | None = UNSET,
        top_p: float | Unset | None = UNSET,
        user: str | Unset = UNSET,
        verbosity: Literal["low", "medium", "high"] | str | Unset | None = UNSET,
        web_search_options: WebSearchOptionsParam | Mapping[str, object] | Unset = UNSET,
        timeout: Timeout | float | Unset | None = UNSET,
        deadline: float | Unset | None = UNSET,
        max_retries: int | Unset = UNSET,
        budget: Budget | Sequence[Budget] | None = None,
        tags: Mapping[str, str] | None = None,
        priority: int | Unset = UNSET,
        extra_headers: Mapping[str, str | None] | None = None,
        extra_query: Mapping[str, object] | None = None,
        extra_body: Mapping[str, object] | None = None,
    ) -> ChatCompletion: ...

    @overload
    async def create(
        self,
        *,
        messages: Sequence[ChatCompletionMessageParam | Mapping[str, object] | ChatCompletion | ChatCompletionMessage],
        model: str,
        audio: ChatCompletionAudioParam | Mapping[str, object] | Unset | None = UNSET,
        frequency_penalty: float | Unset | None = UNSET,
        function_call: Literal["none", "auto"]
        | str
        | ChatCompletionFunctionCallOptionParam
        | Mapping[str, object]
        | Unset = UNSET,
        functions: Sequence[LegacyFunctionParam | Mapping[str, object]] | Unset = UNSET,
        logit_bias: Mapping[str, float] | Unset | None = UNSET,
        logprobs: bool | Unset | None = UNSET,
        max_completion_tokens: int | Unset | None = UNSET,
        max_tokens: int | Unset | None = UNSET,
        metadata: Mapping[str, str] | Unset | None = UNSET,
        modalities: Sequence[Literal["text", "image", "audio"] | str] | Unset | None = UNSET,
        moderation: ModerationParam | Mapping[str, object] | Unset | None = UNSET,
        n: int | Unset | None = UNSET,
        parallel_tool_calls: bool | Unset | None = UNSET,
        prediction: ChatCompletionPredictionContentParam | Mapping[str, object] | Unset | None = UNSET,
        presence_penalty: float | Unset | None = UNSET,
        prompt_cache_key: str | Unset | None = UNSET,
        prompt_cache_options: PromptCacheOptionsParam | Mapping[str, object] | Unset | None = UNSET,
        prompt_cache_retention: Literal["in_memory", "24h"] | str | Unset | None = UNSET,
        reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
        | str
        | Unset
        | None = UNSET,
        response_format: ResponseFormatParam | Mapping[str, object] | Unset = UNSET,
        safety_identifier: str | Unset | None = UNSET,
        seed: int | Unset | None = UNSET,
        service_tier: Literal["auto", "default", "flex", "scale", "priority", "fast", "ultrafast"]
        | str
        | Unset
        | None = UNSET,
        stop: str | Sequence[str] | Unset | None = UNSET,
        store: bool | Unset | None = UNSET,
        stream: Literal[True],
        stream_options: ChatCompletionStreamOptionsParam | Mapping[str, object] | Unset | None = UNSET,
        temperature: float | Unset | None = UNSET,
        tool_choice: ChatCompletionToolChoiceOptionParam | Mapping[str, object] | Unset = UNSET,
        tools: Sequence[ChatCompletionToolUnionParam | Mapping[str, object]] | Unset = UNSET,
        top_logprobs: int | Unset | None = UNSET,
        top_p: float | Unset | None = UNSET,
        user: str | Unset = UNSET,
        verbosity: Literal["low", "medium", "high"] | str | Unset | None = UNSET,
        web_search_options: WebSearchOptionsParam | Mapping[str, object] | Unset = UNSET,
        timeout: Timeout | float | Unset | None = UNSET,
        deadline: float | Unset | None = UNSET,
        max_retries: int | Unset = UNSET,
        budget: Budget | Sequence[Budget] | None = None,
        tags: Mapping[str, str] | None = None,
        priority: int | Unset = UNSET,
        extra_headers: Mapping[str, str | None] | None = None,
        extra_query: Mapping[str, object] | None = None,
        extra_body: Mapping[str, object] | None = None,
    ) -> AsyncStream[ChatCompletionChunk]: ...

    @overload
    async def create(
        self,
        *,
        messages: Sequence[ChatCompletionMessageParam | Mapping[str, object] | ChatCompletion | ChatCompletionMessage],
        model: str,
        audio: ChatCompletionAudioParam | Mapping[str, object] | Unset | None = UNSET,
        frequency_penalty: float | Unset | None = UNSET,
        function_call: Literal["none", "auto"]
        | str
        | ChatCompletionFunctionCallOptionParam
        | Mapping[str, object]
        | Unset = UNSET,
        functions: Sequence[LegacyFunctionParam | Mapping[str, object]] | Unset = UNSET,
        logit_bias: Mapping[str, float] | Unset | None = UNSET,
        logprobs: bool | Unset | None = UNSET,
        max_completion_tokens: int | Unset | None = UNSET,
        max_tokens: int | Unset | None = UNSET,
        metadata: Mapping[str, str] | Unset | None = UNSET,
        modalities: Sequence[Literal["text", "image", "audio"] | str] | Unset | None = UNSET,
        moderation: ModerationParam | Mapping[str, object] | Unset | None = UNSET,
        n: int | Unset | None = UNSET,
        parallel_tool_calls: bool | Unset | None = UNSET,
        prediction: ChatCompletionPredictionContentParam | Mapping[str, object] | Unset | None = UNSET,
        presence_penalty: float | Unset | None = UNSET,
        prompt_cache_key: str | Unset | None = UNSET,
        prompt_cache_options: PromptCacheOptionsParam | Mapping[str, object] | Unset | None = UNSET,
        prompt_cache_retention: Literal["in_memory", "24h"] | str | Unset | None = UNSET,
        reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
        | str
        | Unset
        | None = UNSET,
        response_format: ResponseFormatParam | Mapping[str, object] | Unset = UNSET,
        safety_identifier: str | Unset | None = UNSET,
        seed: int | Unset | None = UNSET,
        service_tier: Literal["auto", "default", "flex", "scale", "priority", "fast", "ultrafast"]
        | str
        | Unset
        | None = UNSET,
        stop: str | Sequence[str] | Unset | None = UNSET,
        store: bool | Unset | None = UNSET,
        stream: bool,
        stream_options: ChatCompletionStreamOptionsParam | Mapping[str, object] | Unset | None = UNSET,
        temperature: float | Unset | None = UNSET,
        tool_choice: ChatCompletionToolChoiceOptionParam | Mapping[str, object] | Unset = UNSET,
        tools: Sequence[ChatCompletionToolUnionParam | Mapping[str, object]] | Unset = UNSET,
        top_logprobs: int | Unset | None = UNSET,
        top_p: float | Unset | None = UNSET,
        user: str | Unset = UNSET,
        verbosity: Literal["low", "medium", "high"] | str | Unset | None = UNSET,
        web_search_options: WebSearchOptionsParam | Mapping[str, object] | Unset = UNSET,
        timeout: Timeout | float | Unset | None = UNSET,
        deadline: float | Unset | None = UNSET,
        max_retries: int | Unset = UNSET,
        budget: Budget | Sequence[Budget] | None = None,
        tags: Mapping[str, str] | None = None,
        priority: int | Unset = UNSET,
        extra_headers: Mapping[str, str | None] | None = None,
        extra_query: Mapping[str, object] | None = None,
        extra_body: Mapping[str, object] | None = None,
    ) -> ChatCompletion | AsyncStream[ChatCompletionChunk]: ...

    async def create(
        self,
        *,
        messages: Sequence[ChatCompletionMessageParam | Mapping[str, object] | ChatCompletion | ChatCompletionMessage],
        model: str,
        audio: ChatCompletionAudioParam | Mapping[str, object] | Unset | None = UNSET,
        frequency_penalty: float | Unset | None = UNSET,
        function_call: Literal["none", "auto"]
        | str
        | ChatCompletionFunctionCallOptionParam
        | Mapping[str, object]
        | Unset = UNSET,
        functions: Sequence[LegacyFunctionParam | Mapping[str, object]] | Unset = UNSET,
        logit_bias: Mapping[str, float] | Unset | None = UNSET,
        logprobs: bool | Unset | None = UNSET,
        max_completion_tokens: int | Unset | None = UNSET,
        max_tokens: int | Unset | None = UNSET,
        metadata: Mapping[str, str] | Unset | None = UNSET,
        modalities: Sequence[Literal["text", "image", "audio"] | str] | Unset | None = UNSET,
        moderation: ModerationParam | Mapping[str, object] | Unset | None = UNSET,
        n: int | Unset | None = UNSET,
        parallel_tool_calls: bool | Unset | None = UNSET,
        prediction: ChatCompletionPredictionContentParam | Mapping[str, object] | Unset | None = UNSET,
        presence_penalty: float | Unset | None = UNSET,
        prompt_cache_key: str | Unset | None = UNSET,
        prompt_cache_options: PromptCacheOptionsParam | Mapping[str, object] | Unset | None = UNSET,
        prompt_cache_retention: Literal["in_memory", "24h"] | str | Unset | None = UNSET,
        reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
        | str
        | Unset
        | None = UNSET,
        response_format: ResponseFormatParam | Mapping[str, object] | Unset = UNSET,
        safety_identifier: str | Unset | None = UNSET,
        seed: int | Unset | None = UNSET,
        service_tier: Literal["auto", "default", "flex", "scale", "priority", "fast", "ultrafast"]
        | str
        | Unset
        | None = UNSET,
        stop: str | Sequence[str] | Unset | None = UNSET,
        store: bool | Unset | None = UNSET,
        stream: bool | Unset | None = UNSET,
        stream_options: ChatCompletionStreamOptionsParam | Mapping[str, object] | Unset | None = UNSET,
        temperature: float | Unset | None = UNSET,
        tool_choice: ChatCompletionToolChoiceOptionParam | Mapping[str, object] | Unset = UNSET,
        tools: Sequence[ChatCompletionToolUnionParam | Mapping[str, object]] | Unset = UNSET,
        top_logprobs: int | Unset | None = UNSET,
        top_p: float | Unset | None = UNSET,
        user: str | Unset = UNSET,
        verbosity: Literal["low", "medium", "high"] | str | Unset | None = UNSET,
        web_search_options: WebSearchOptionsParam | Mapping[str, object] | Unset = UNSET,
        timeout: Timeout | float | Unset | None = UNSET,
        deadline: float | Unset | None = UNSET,
        max_retries: int | Unset = UNSET,
        budget: Budget | Sequence[Budget] | None = None,
        tags: Mapping[str, str] | None = None,
        priority: int | Unset = UNSET,
        extra_headers: Mapping[str, str | None] | None = None,
        extra_query: Mapping[str, object] | None = None,
        extra_body: Mapping[str, object] | None = None,
    ) -> ChatCompletion | AsyncStream[ChatCompletionChunk]:
        """
        Have a model go on with a conversation.

        Returns the whole answer, or with `stream=True` its chunks as they are written.

        Args:
            messages: The conversation so far, oldest message first. A reply, or its message, may be handed back
                as it is.
            model: The model that answers, such as `gpt-4o-mini`, or `openai/gpt-4o-mini` on OpenRouter.
            audio: How spoken answers sound. Needed where `modalities` asks for audio.
            frequency_penalty: Make a token less likely with each time it has occurred (more likely below 0).
            function_call: Whether and which function of `functions` to call. Deprecated: Use `tool_choice`.
            functions: Functions that the model may ask to have called. Deprecated: Use `tools`.
            logit_bias: What to add to the logit of a token, by token id, from -100 (never) to 100 (always).
            logprobs: Return the log probability of each token of the answer.
            max_completion_tokens: The most tokens that the model may write, reasoning included.
            max_tokens: The most tokens that the model may write. Deprecated: Use `max_completion_tokens`;
                OpenAI's reasoning models refuse this one. Some compatible servers know no other.
            metadata: Up to 16 notes to keep with the request, with keys of 64 and values of 512 characters at
                most.
            modalities: What the answer may consist of. Text unless said; OpenAI knows no `image`.
            moderation: Have a moderation model look at the request and the answer.
            n: How many answers to give. All are billed.
            parallel_tool_calls: Whether one answer may call several tools. True unless said.
            prediction: What most of the answer will be, to have it sooner.
            presence_penalty: Make a token less likely once it has occurred (more likely below 0).
            prompt_cache_key: Requests with the same key find each other's cached prefix more often.
            prompt_cache_options: How the prompt is cached, on models that take explicit breakpoints.
            prompt_cache_retention: How long a cached prefix is kept. Deprecated: Use `prompt_cache_options`.
            reasoning_effort: How hard the model thinks. Models differ in what they take and in what they do
                unasked.
            response_format: What the answer must look like.
            safety_identifier: A stable name for the end user, hashed by the caller, by which OpenAI notices
                abuse.
            seed: Sample the same way again, as far as the model can. Deprecated: OpenAI drops it; OpenRouter
                does not.
            service_tier: How the request is served and billed, faster or cheaper. `fast` means `priority`.
            stop: Up to four texts at which the answer ends; they are not part of it. OpenAI's reasoning models
                refuse it.
            store: Keep the request and its answer at OpenAI, for evaluations and distillation.
            stream: Send the answer in chunks, as it is written.
            stream_options: Settings of a stream.
            temperature: How freely to sample; 0 takes the likeliest token. Some reasoning models take 1 only.
            tool_choice: Whether and which tool to call.
            tools: What the model may use.
            top_logprobs: At each place, return so many likeliest tokens. Wants `logprobs`.
            top_p: Sample from the likeliest tokens that together have this probability.
            user: A stable name for the end user, by which abuse is noticed. Deprecated: By OpenAI, for
                `safety_identifier` and `prompt_cache_key`. OpenRouter goes on with it.
            verbosity: How long-winded the answer is.
            web_search_options: Settings of models that search the web.
            timeout: Limits in seconds for the steps of each attempt, in place of the client's.
            deadline: Seconds that the whole call may take, in place of the client's.
            max_retries: Attempts after the first, in place of the client's.
            budget: Budgets that hold for this call besides the client's.
            tags: What the call is for, beside the client's tags. Never sent.
            priority: Calls of a higher priority go first where calls wait for a limit. Default: the client's.
            extra_headers: Headers to add or replace; None for a value leaves one out.
            extra_query: Query parameters to add or replace.
            extra_body: Members to add to the JSON body or to replace in it. They are not checked.

        Raises:
            InvalidRequestError: an argument is wrong; nothing was sent.
            APIError: the call ended without a usable result. `twinwire.errors` draws the tree of its kinds.

        Source: `POST /chat/completions`, the operation `createChatCompletion` of `spec/twinwire.yaml`.
        """
        arguments: dict[str, object] = {
            "messages": messages,
            "model": model,
            "audio": audio,
            "frequency_penalty": frequency_penalty,
            "function_call": function_call,
            "functions": functions,
            "logit_bias": logit_bias,
            "logprobs": logprobs,
            "max_completion_tokens": max_completion_tokens,
            "max_tokens": max_tokens,
            "metadata": metadata,
            "modalities": modalities,
            "moderation": moderation,
            "n": n,
            "parallel_tool_calls": parallel_tool_calls,
            "prediction": prediction,
            "presence_penalty": presence_penalty,
            "prompt_cache_key": prompt_cache_key,
            "prompt_cache_options": prompt_cache_options,
            "prompt_cache_retention": prompt_cache_retention,
            "reasoning_effort": reasoning_effort,
            "response_format": response_format,
            "safety_identifier": safety_identifier,
            "seed": seed,
            "service_tier": service_tier,
            "stop": stop,
            "store": store,
            "stream": stream,
            "stream_options": stream_options,
            "temperature": temperature,
            "tool_choice": tool_choice,
            "tools": tools,
            "top_logprobs": top_logprobs,
            "top_p": top_p,
            "user": user,
            "verbosity": verbosity,
            "web_search_options": web_search_options,
        }
        options = CallOptions(
            timeout=timeout,
            deadline=deadline,
            max_retries=max_retries,
            budget=budget,
            tags=tags,
            priority=priority,
            extra_headers=extra_headers,
            extra_query=extra_query,
            extra_body=extra_body,
        )
        del extra_headers, extra_query, extra_body  # a traceback shows what a frame holds
        if stream:
            return await self._client.open_chunks(CHAT_COMPLETIONS_CREATE, arguments, options)
        return await self._client.call(CHAT_COMPLETIONS_CREATE, arguments, options)

    def stream(
        self,
        *,
        messages: Sequence[ChatCompletionMessageParam | Mapping[str, object] | ChatCompletion | ChatCompletionMessage],
        model: str,
        audio: ChatCompletionAudioParam | Mapping[str, object] | Unset | None = UNSET,
        frequency_penalty: float | Unset | None = UNSET,
        function_call: Literal["none", "auto"]
        | str
        | ChatCompletionFunctionCallOptionParam
        | Mapping[str, object]
        | Unset = UNSET,
        functions: Sequence[LegacyFunctionParam | Mapping[str, object]] | Unset = UNSET,
        logit_bias: Mapping[str, float] | Unset | None = UNSET,
        logprobs: bool | Unset | None = UNSET,
        max_completion_tokens: int | Unset | None = UNSET,
        max_tokens: int | Unset | None = UNSET,
        metadata: Mapping[str, str] | Unset | None = UNSET,
        modalities: Sequence[Literal["text", "image", "audio"] | str] | Unset | None = UNSET,
        moderation: ModerationParam | Mapping[str, object] | Unset | None = UNSET,
        n: int | Unset | None = UNSET,
        parallel_tool_calls: bool | Unset | None = UNSET,
        prediction: ChatCompletionPredictionContentParam | Mapping[str, object] | Unset | None = UNSET,
        presence_penalty: float | Unset | None = UNSET,
        prompt_cache_key: str | Unset | None = UNSET,
        prompt_cache_options: PromptCacheOptionsParam | Mapping[str, object] | Unset | None = UNSET,
        prompt_cache_retention: Literal["in_memory", "24h"] | str | Unset | None = UNSET,
        reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
        | str
        | Unset
        | None = UNSET,
        response_format: ResponseFormatParam | Mapping[str, object] | Unset = UNSET,
        safety_identifier: str | Unset | None = UNSET,
        seed: int | Unset | None = UNSET,
        service_tier: Literal["auto", "default", "flex", "scale", "priority", "fast", "ultrafast"]
        | str
        | Unset
        | None = UNSET,
        stop: str | Sequence[str] | Unset | None = UNSET,
        store: bool | Unset | None = UNSET,
        stream_options: ChatCompletionStreamOptionsParam | Mapping[str, object] | Unset | None = UNSET,
        temperature: float | Unset | None = UNSET,
        tool_choice: ChatCompletionToolChoiceOptionParam | Mapping[str, object] | Unset = UNSET,
        tools: Sequence[ChatCompletionToolUnionParam | Mapping[str, object]] | Unset = UNSET,
        top_logprobs: int | Unset | None = UNSET,
        top_p: float | Unset | None = UNSET,
        user: str | Unset = UNSET,
        verbosity: Literal["low", "medium", "high"] | str | Unset | None = UNSET,
        web_search_options: WebSearchOptionsParam | Mapping[str, object] | Unset = UNSET,
        timeout: Timeout | float | Unset | None = UNSET,
        deadline: float | Unset | None = UNSET,
        max_retries: int | Unset = UNSET,
        budget: Budget | Sequence[Budget] | None = None,
        tags: Mapping[str, str] | None = None,
        priority: int | Unset = UNSET,
        extra_headers: Mapping[str, str | None] | None = None,
        extra_query: Mapping[str, object] | None = None,
        extra_body: Mapping[str, object] | None = None,
        on_interrupt: Literal["raise", "restart", "continue"] | Unset = UNSET,
    ) -> AsyncChatStream:
        """
        Stream the answer as events: text, reasoning, refusal, tool calls, usage.

        Nothing is sent before the stream is entered (`async with`) or iterated over. `result()` gives the same
        ChatCompletion as `create()` does. What a stream that breaks off does then is chosen by `on_interrupt`.

        Args:
            messages: The conversation so far, oldest message first. A reply, or its message, may be handed back
                as it is.
            model: The model that answers, such as `gpt-4o-mini`, or `openai/gpt-4o-mini` on OpenRouter.
            audio: How spoken answers sound. Needed where `modalities` asks for audio.
            frequency_penalty: Make a token less likely with each time it has occurred (more likely below 0).
            function_call: Whether and which function of `functions` to call. Deprecated: Use `tool_choice`.
            functions: Functions that the model may ask to have called. Deprecated: Use `tools`.
            logit_bias: What to add to the logit of a token, by token id, from -100 (never) to 100 (always).
            logprobs: Return the log probability of each token of the answer.
            max_completion_tokens: The most tokens that the model may write, reasoning included.
            max_tokens: The most tokens that the model may write. Deprecated: Use `max_completion_tokens`;
                OpenAI's reasoning models refuse this one. Some compatible servers know no other.
            metadata: Up to 16 notes to keep with the request, with keys of 64 and values of 512 characters at
                most.
            modalities: What the answer may consist of. Text unless said; OpenAI knows no `image`.
            moderation: Have a moderation model look at the request and the answer.
            n: How many answers to give. All are billed.
            parallel_tool_calls: Whether one answer may call several tools. True unless said.
            prediction: What most of the answer will be, to have it sooner.
            presence_penalty: Make a token less likely once it has occurred (more likely below 0).
            prompt_cache_key: Requests with the same key find each other's cached prefix more often.
            prompt_cache_options: How the prompt is cached, on models that take explicit breakpoints.
            prompt_cache_retention: How long a cached prefix is kept. Deprecated: Use `prompt_cache_options`.
            reasoning_effort: How hard the model thinks. Models differ in what they take and in what they do
                unasked.
            response_format: What the answer must look like.
            safety_identifier: A stable name for the end user, hashed by the caller, by which OpenAI notices
                abuse.
            seed: Sample the same way again, as far as the model can. Deprecated: OpenAI drops it; OpenRouter
                does not.
            service_tier: How the request is served and billed, faster or cheaper. `fast` means `priority`.
            stop: Up to four texts at which the answer ends; they are not part of it. OpenAI's reasoning models
                refuse it.
            store: Keep the request and its answer at OpenAI, for evaluations and distillation.
            stream_options: Settings of a stream.
            temperature: How freely to sample; 0 takes the likeliest token. Some reasoning models take 1 only.
            tool_choice: Whether and which tool to call.
            tools: What the model may use.
            top_logprobs: At each place, return so many likeliest tokens. Wants `logprobs`.
            top_p: Sample from the likeliest tokens that together have this probability.
            user: A stable name for the end user, by which abuse is noticed. Deprecated: By OpenAI, for
                `safety_identifier` and `prompt_cache_key`. OpenRouter goes on with it.
            verbosity: How long-winded the answer is.
            web_search_options: Settings of models that search the web.
            timeout: Limits in seconds for the steps of each attempt, in place of the client's.
            deadline: Seconds that the whole call may take, in place of the client's.
            max_retries: Attempts after the first, in place of the client's.
            budget: Budgets that hold for this call besides the client's.
            tags: What the call is for, beside the client's tags. Never sent.
            priority: Calls of a higher priority go first where calls wait for a limit. Default: the client's.
            extra_headers: Headers to add or replace; None for a value leaves one out.
            extra_query: Query parameters to add or replace.
            extra_body: Members to add to the JSON body or to replace in it. They are not checked.
            on_interrupt: What becomes of a stream that breaks off after its first content, where another
                attempt may help. `raise`: an error that holds what had arrived. `restart`: a `RestartedEvent`,
                then the answer anew. `continue`: a `RestartedEvent`, then the rest of the answer, where the
                provider and model are known to go on with a begun one. These attempts count as retries, and the
                cost of all of them is in `cost`. Default: the client's, which is `raise` unless it was given.

        Raises:
            InvalidRequestError: an argument is wrong; nothing was sent.
            APIError: the call ended without a usable result. `twinwire.errors` draws the tree of its kinds.

        Source: `POST /chat/completions`, the operation `createChatCompletion` of `spec/twinwire.yaml`.
        """
        arguments: dict[str, object] = {
            "messages": messages,
            "model": model,
            "audio": audio,
            "frequency_penalty": frequency_penalty,
            "function_call": function_call,
            "functions": functions,
            "logit_bias": logit_bias,
            "logprobs": logprobs,
            "max_completion_tokens": max_completion_tokens,
            "max_tokens": max_tokens,
            "metadata": metadata,
            "modalities": modalities,
            "moderation": moderation,
            "n": n,
            "parallel_tool_calls": parallel_tool_calls,
            "prediction": prediction,
            "presence_penalty": presence_penalty,
            "prompt_cache_key": prompt_cache_key,
            "prompt_cache_options": prompt_cache_options,
            "prompt_cache_retention": prompt_cache_retention,
            "reasoning_effort": reasoning_effort,
            "response_format": response_format,
            "safety_identifier": safety_identifier,
            "seed": seed,
            "service_tier": service_tier,
            "stop": stop,
            "store": store,
            "stream_options": stream_options,
            "temperature": temperature,
            "tool_choice": tool_choice,
            "tools": tools,
            "top_logprobs": top_logprobs,
            "top_p": top_p,
            "user": user,
            "verbosity": verbosity,
            "web_search_options": web_search_options,
        }
        options = CallOptions(
            timeout=timeout,
            deadline=deadline,
            max_retries=max_retries,
            budget=budget,
            tags=tags,
            priority=priority,
            extra_headers=extra_headers,
            extra_query=extra_query,
            extra_body=extra_body,
            on_interrupt=on_interrupt,
        )
        del extra_headers, extra_query, extra_body  # a traceback shows what a frame holds
        return self._client.open_events(CHAT_COMPLETIONS_CREATE, arguments, options)


class AsyncChatCompletionsWithRawResponse:
    """`client.chat.completions.with_raw_response`."""

    __slots__ = ("_client",)

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    @overload
    async def create(
        self,
        *,
        messages: Sequence[ChatCompletionMessageParam | Mapping[str, object] | ChatCompletion | ChatCompletionMessage],
        model: str,
        audio: ChatCompletionAudioParam | Mapping[str, object] | Unset | None = UNSET,
        frequency_penalty: float | Unset | None = UNSET,
        function_call: Literal["none", "auto"]
        | str
        | ChatCompletionFunctionCallOptionParam
        | Mapping[str, object]
        | Unset = UNSET,
        functions: Sequence[LegacyFunctionParam | Mapping[str, object]] | Unset = UNSET,
        logit_bias: Mapping[str, float] | Unset | None = UNSET,
        logprobs: bool | Unset | None = UNSET,
        max_completion_tokens: int | Unset | None = UNSET,
        max_tokens: int | Unset | None = UNSET,
        metadata: Mapping[str, str] | Unset | None = UNSET,
        modalities: Sequence[Literal["text", "image", "audio"] | str] | Unset | None = UNSET,
        moderation: ModerationParam | Mapping[str, object] | Unset | None = UNSET,
        n: int | Unset | None = UNSET,
        parallel_tool_calls: bool | Unset | None = UNSET,
        prediction: ChatCompletionPredictionContentParam | Mapping[str, object] | Unset | None = UNSET,
        presence_penalty: float | Unset | None = UNSET,
        prompt_cache_key: str | Unset | None = UNSET,
        prompt_cache_options: PromptCacheOptionsParam | Mapping[str, object] | Unset | None = UNSET,
        prompt_cache_retention: Literal["in_memory", "24h"] | str | Unset | None = UNSET,
        reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
        | str
        | Unset
        | None = UNSET,
        response_format: ResponseFormatParam | Mapping[str, object] | Unset = UNSET,
        safety_identifier: str | Unset | None = UNSET,
        seed: int | Unset | None = UNSET,
        service_tier: Literal["auto", "default", "flex", "scale", "priority", "fast", "ultrafast"]
        | str
        | Unset
        | None = UNSET,
        stop: str | Sequence[str] | Unset | None = UNSET,
        store: bool | Unset | None = UNSET,
        stream: Literal[False] | Unset | None = UNSET,
        stream_options: ChatCompletionStreamOptionsParam | Mapping[str, object] | Unset | None = UNSET,
        temperature: float | Unset | None = UNSET,
        tool_choice: ChatCompletionToolChoiceOptionParam | Mapping[str, object] | Unset = UNSET,
        tools: Sequence[ChatCompletionToolUnionParam | Mapping[str, object]] | Unset = UNSET,
        top_logprobs: int | Unset | None = UNSET,
        top_p: float | Unset | None = UNSET,
        user: str | Unset = UNSET,
        verbosity: Literal["low", "medium", "high"] | str | Unset | None = UNSET,
        web_search_options: WebSearchOptionsParam | Mapping[str, object] | Unset = UNSET,
        timeout: Timeout | float | Unset | None = UNSET,
        deadline: float | Unset | None = UNSET,
        max_retries: int | Unset = UNSET,
        budget: Budget | Sequence[Budget] | None = None,
        tags: Mapping[str, str] | None = None,
        priority: int | Unset = UNSET,
        extra_headers: Mapping[str, str | None] | None = None,
        extra_query: Mapping[str, object] | None = None,
        extra_body: Mapping[str, object] | None = None,
    ) -> RawResponse[ChatCompletion]: ...

    @overload
    async def create(
        self,
        *,
        messages: Sequence[ChatCompletionMessageParam | Mapping[str, object] | ChatCompletion | ChatCompletionMessage],
        model: str,
        audio: ChatCompletionAudioParam | Mapping[str, object] | Unset | None = UNSET,
        frequency_penalty: float | Unset | None = UNSET,
        function_call: Literal["none", "auto"]
        | str
        | ChatCompletionFunctionCallOptionParam
        | Mapping[str, object]
        | Unset = UNSET,
        functions: Sequence[LegacyFunctionParam | Mapping[str, object]] | Unset = UNSET,
        logit_bias: Mapping[str, float] | Unset | None = UNSET,
        logprobs: bool | Unset | None = UNSET,
        max_completion_tokens: int | Unset | None = UNSET,
        max_tokens: int | Unset | None = UNSET,
        metadata: Mapping[str, str] | Unset | None = UNSET,
        modalities: Sequence[Literal["text", "image", "audio"] | str] | Unset | None = UNSET,
        moderation: ModerationParam | Mapping[str, object] | Unset | None = UNSET,
        n: int | Unset | None = UNSET,
        parallel_tool_calls: bool | Unset | None = UNSET,
        prediction: ChatCompletionPredictionContentParam | Mapping[str, object] | Unset | None = UNSET,
        presence_penalty: float | Unset | None = UNSET,
        prompt_cache_key: str | Unset | None = UNSET,
        prompt_cache_options: PromptCacheOptionsParam | Mapping[str, object] | Unset | None = UNSET,
        prompt_cache_retention: Literal["in_memory", "24h"] | str | Unset | None = UNSET,
        reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
        | str
        | Unset
        | None = UNSET,
        response_format: ResponseFormatParam | Mapping[str, object] | Unset = UNSET,
        safety_identifier: str | Unset | None = UNSET,
        seed: int | Unset | None = UNSET,
        service_tier: Literal["auto", "default", "flex", "scale", "priority", "fast", "ultrafast"]
        | str
        | Unset
        | None = UNSET,
        stop: str | Sequence[str] | Unset | None = UNSET,
        store: bool | Unset | None = UNSET,
        stream: Literal[True],
        stream_options: ChatCompletionStreamOptionsParam | Mapping[str, object] | Unset | None = UNSET,
        temperature: float | Unset | None = UNSET,
        tool_choice: ChatCompletionToolChoiceOptionParam | Mapping[str, object] | Unset = UNSET,
        tools: Sequence[ChatCompletionToolUnionParam | Mapping[str, object]] | Unset = UNSET,
        top_logprobs: int | Unset | None = UNSET,
        top_p: float | Unset | None = UNSET,
        user: str | Unset = UNSET,
        verbosity: Literal["low", "medium", "high"] | str | Unset | None = UNSET,
        web_search_options: WebSearchOptionsParam | Mapping[str, object] | Unset = UNSET,
        timeout: Timeout | float | Unset | None = UNSET,
        deadline: float | Unset | None = UNSET,
        max_retries: int | Unset = UNSET,
        budget: Budget | Sequence[Budget] | None = None,
        tags: Mapping[str, str] | None = None,
        priority: int | Unset = UNSET,
        extra_headers: Mapping[str, str | None] | None = None,
        extra_query: Mapping[str, object] | None = None,
        extra_body: Mapping[str, object] | None = None,
    ) -> RawResponse[AsyncStream[ChatCompletionChunk]]: ...

    @overload
    async def create(
        self,
        *,
        messages: Sequence[ChatCompletionMessageParam | Mapping[str, object] | ChatCompletion | ChatCompletionMessage],
        model: str,
        audio: ChatCompletionAudioParam | Mapping[str, object] | Unset | None = UNSET,
        frequency_penalty: float | Unset | None = UNSET,
        function_call: Literal["none", "auto"]
        | str
        | ChatCompletionFunctionCallOptionParam
        | Mapping[str, object]
        | Unset = UNSET,
        functions: Sequence[LegacyFunctionParam | Mapping[str, object]] | Unset = UNSET,
        logit_bias: Mapping[str, float] | Unset | None = UNSET,
        logprobs: bool | Unset | None = UNSET,
        max_completion_tokens: int | Unset | None = UNSET,
        max_tokens: int | Unset | None = UNSET,
        metadata: Mapping[str, str] | Unset | None = UNSET,
        modalities: Sequence[Literal["text", "image", "audio"] | str] | Unset | None = UNSET,
        moderation: ModerationParam | Mapping[str, object] | Unset | None = UNSET,
        n: int | Unset | None = UNSET,
        parallel_tool_calls: bool | Unset | None = UNSET,
        prediction: ChatCompletionPredictionContentParam | Mapping[str, object] | Unset | None = UNSET,
        presence_penalty: float | Unset | None = UNSET,
        prompt_cache_key: str | Unset | None = UNSET,
        prompt_cache_options: PromptCacheOptionsParam | Mapping[str, object] | Unset | None = UNSET,
        prompt_cache_retention: Literal["in_memory", "24h"] | str | Unset | None = UNSET,
        reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
        | str
        | Unset
        | None = UNSET,
        response_format: ResponseFormatParam | Mapping[str, object] | Unset = UNSET,
        safety_identifier: str | Unset | None = UNSET,
        seed: int | Unset | None = UNSET,
        service_tier: Literal["auto", "default", "flex", "scale", "priority", "fast", "ultrafast"]
        | str
        | Unset
        | None = UNSET,
        stop: str | Sequence[str] | Unset | None = UNSET,
        store: bool | Unset | None = UNSET,
        stream: bool,
        stream_options: ChatCompletionStreamOptionsParam | Mapping[str, object] | Unset | None = UNSET,
        temperature: float | Unset | None = UNSET,
        tool_choice: ChatCompletionToolChoiceOptionParam | Mapping[str, object] | Unset = UNSET,
        tools: Sequence[ChatCompletionToolUnionParam | Mapping[str, object]] | Unset = UNSET,
        top_logprobs: int | Unset | None = UNSET,
        top_p: float | Unset | None = UNSET,
        user: str | Unset = UNSET,
        verbosity: Literal["low", "medium", "high"] | str | Unset | None = UNSET,
        web_search_options: WebSearchOptionsParam | Mapping[str, object] | Unset = UNSET,
        timeout: Timeout | float | Unset | None = UNSET,
        deadline: float | Unset | None = UNSET,
        max_retries: int | Unset = UNSET,
        budget: Budget | Sequence[Budget] | None = None,
        tags: Mapping[str, str] | None = None,
        priority: int | Unset = UNSET,
        extra_headers: Mapping[str, str | None] | None = None,
        extra_query: Mapping[str, object] | None = None,
        extra_body: Mapping[str, object] | None = None,
    ) -> RawResponse[ChatCompletion] | RawResponse[AsyncStream[ChatCompletionChunk]]: ...

    async def create(
        self,
        *,
        messages: Sequence[ChatCompletionMessageParam | Mapping[str, object] | ChatCompletion | ChatCompletionMessage],
        model: str,
        audio: ChatCompletionAudioParam | Mapping[str, object] | Unset | None = UNSET,
        frequency_penalty: float | Unset | None = UNSET,
        function_call: Literal["none", "auto"]
        | str
        | ChatCompletionFunctionCallOptionParam
        | Mapping[str, object]
        | Unset = UNSET,
        functions: Sequence[LegacyFunctionParam | Mapping[str, object]] | Unset = UNSET,
        logit_bias: Mapping[str, float] | Unset | None = UNSET,
        logprobs: bool | Unset | None = UNSET,
        max_completion_tokens: int | Unset | None = UNSET,
        max_tokens: int | Unset | None = UNSET,
        metadata: Mapping[str, str] | Unset | None = UNSET,
        modalities: Sequence[Literal["text", "image", "audio"] | str] | Unset | None = UNSET,
        moderation: ModerationParam | Mapping[str, object] | Unset | None = UNSET,
        n: int | Unset | None = UNSET,
        parallel_tool_calls: bool | Unset | None = UNSET,
        prediction: ChatCompletionPredictionContentParam | Mapping[str, object] | Unset | None = UNSET,
        presence_penalty: float | Unset | None = UNSET,
        prompt_cache_key: str | Unset | None = UNSET,
        prompt_cache_options: PromptCacheOptionsParam | Mapping[str, object] | Unset | None = UNSET,
        prompt_cache_retention: Literal["in_memory", "24h"] | str | Unset | None = UNSET,
        reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
        | str
        | Unset
        | None = UNSET,
        response_format: ResponseFormatParam | Mapping[str, object] | Unset = UNSET,
        safety_identifier: str | Unset | None = UNSET,
        seed: int | Unset | None = UNSET,
        service_tier: Literal["auto", "default", "flex", "scale", "priority", "fast", "ultrafast"]
        | str
        | Unset
        | None = UNSET,
        stop: str | Sequence[str] | Unset | None = UNSET,
        store: bool | Unset | None = UNSET,
        stream: bool | Unset | None = UNSET,
        stream_options: ChatCompletionStreamOptionsParam | Mapping[str, object] | Unset | None = UNSET,
        temperature: float | Unset | None = UNSET,
        tool_choice: ChatCompletionToolChoiceOptionParam | Mapping[str, object] | Unset = UNSET,
        tools: Sequence[ChatCompletionToolUnionParam | Mapping[str, object]] | Unset = UNSET,
        top_logprobs: int | Unset | None = UNSET,
        top_p: float | Unset | None = UNSET,
        user: str | Unset = UNSET,
        verbosity: Literal["low", "medium", "high"] | str | Unset | None = UNSET,
        web_search_options: WebSearchOptionsParam | Mapping[str, object] | Unset = UNSET,
        timeout: Timeout | float | Unset | None = UNSET,
        deadline: float | Unset | None = UNSET,
        max_retries: int | Unset = UNSET,
        budget: Budget | Sequence[Budget] | None = None,
        tags: Mapping[str, str] | None = None,
        priority: int | Unset = UNSET,
        extra_headers: Mapping[str, str | None] | None = None,
        extra_query: Mapping[str, object] | None = None,
        extra_body: Mapping[str, object] | None = None,
    ) -> RawResponse[ChatCompletion] | RawResponse[AsyncStream[ChatCompletionChunk]]:
        """As `chat.completions.create()`, whose arguments it has; returns the status, headers and bytes with it."""
        arguments: dict[str, object] = {
            "messages": messages,
            "model": model,
            "audio": audio,
            "frequency_penalty": frequency_penalty,
            "function_call": function_call,
            "functions": functions,
            "logit_bias": logit_bias,
            "logprobs": logprobs,
            "max_completion_tokens": max_completion_tokens,
            "max_tokens": max_tokens,
            "metadata": metadata,
            "modalities": modalities,
            "moderation": moderation,
            "n": n,
            "parallel_tool_calls": parallel_tool_calls,
            "prediction": prediction,
            "presence_penalty": presence_penalty,
            "prompt_cache_key": prompt_cache_key,
            "prompt_cache_options": prompt_cache_options,
            "prompt_cache_retention": prompt_cache_retention,
            "reasoning_effort": reasoning_effort,
            "response_format": response_format,
            "safety_identifier": safety_identifier,
            "seed": seed,
            "service_tier": service_tier,
            "stop": stop,
            "store": store,
            "stream": stream,
            "stream_options": stream_options,
            "temperature": temperature,
            "tool_choice": tool_choice,
            "tools": tools,
            "top_logprobs": top_logprobs,
            "top_p": top_p,
            "user": user,
            "verbosity": verbosity,
            "web_search_options": web_search_options,
        }
        options = CallOptions(
            timeout=timeout,
            deadline=deadline,
            max_retries=max_retries,
            budget=budget,
            tags=tags,
            priority=priority,
            extra_headers=extra_headers,
            extra_query=extra_query,
            extra_body=extra_body,
        )
        del extra_headers, extra_query, extra_body  # a traceback shows what a frame holds
        if stream:
            return await self._client.open_chunks_raw(CHAT_COMPLETIONS_CREATE, arguments, options)
        return await self._client.call_raw(CHAT_COMPLETIONS_CREATE, arguments, options)


class AsyncChat:
    """`client.chat`."""

    __slots__ = ("_client",)

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    @property
    def completions(self) -> AsyncChatCompletions:
        """Has `create()`, `stream()`."""
        return AsyncChatCompletions(self._client)


class AsyncEmbeddings:
    """`client.embeddings`."""

    __slots__ = ("_client",)

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> AsyncEmbeddingsWithRawResponse:
        """The same methods, returning the status, headers and bytes along with the reply."""
        return AsyncEmbeddingsWithRawResponse(self._client)

    async def create(
        self,
        *,
        input: str
        | Sequence[str]
        | Sequence[int]
        | Sequence[Sequence[int]]
        | Sequence[EmbeddingInputParam | Mapping[str, object]],
        model: str | Literal["text-embedding-3-small", "text-embedding-3-large", "text-embedding-ada-002"],
        dimensions: int | Unset = UNSET,
        encoding_format: Literal["float", "base64"] | str | Unset = UNSET,
        user: str | Unset = UNSET,
        timeout: Timeout | float | Unset | None = UNSET,
        deadline: float | Unset | None = UNSET,
        max_retries: int | Unset = UNSET,
        budget: Budget | Sequence[Budget] | None = None,
        tags: Mapping[str, str] | None = None,
        priority: int | Unset = UNSET,
        extra_headers: Mapping[str, str | None] | None = None,
        extra_query: Mapping[str, object] | None = None,
        extra_body: Mapping[str, object] | None = None,
    ) -> CreateEmbeddingResponse:
        """
        Turn texts into vectors.

        Returns one vector for each input, in the order of the inputs.

        Args:
            input: One text or several, or one or several lists of token numbers. With OpenRouter also items
                that mix text with images, sound, video and files.
            model: The model to embed with.
            dimensions: How many numbers a vector is to have, where the model can shorten it.
            encoding_format: How vectors are sent. Either way they are numbers on the reply.
            user: A name for the person on whose behalf you ask, which says nothing to the provider but helps it
                to find abuse.
            timeout: Limits in seconds for the steps of each attempt, in place of the client's.
            deadline: Seconds that the whole call may take, in place of the client's.
            max_retries: Attempts after the first, in place of the client's.
            budget: Budgets that hold for this call besides the client's.
            tags: What the call is for, beside the client's tags. Never sent.
            priority: Calls of a higher priority go first where calls wait for a limit. Default: the client's.
            extra_headers: Headers to add or replace; None for a value leaves one out.
            extra_query: Query parameters to add or replace.
            extra_body: Members to add to the JSON body or to replace in it. They are not checked.

        Raises:
            InvalidRequestError: an argument is wrong; nothing was sent.
            APIError: the call ended without a usable result. `twinwire.errors` draws the tree of its kinds.

        Source: `POST /embeddings`, the operation `createEmbedding` of `spec/twinwire.yaml`.
        """
        arguments: dict[str, object] = {
            "input": input,
            "model": model,
            "dimensions": dimensions,
            "encoding_format": encoding_format,
            "user": user,
        }
        options = CallOptions(
            timeout=timeout,
            deadline=deadline,
            max_retries=max_retries,
            budget=budget,
            tags=tags,
            priority=priority,
            extra_headers=extra_headers,
            extra_query=extra_query,
            extra_body=extra_body,
        )
        del extra_headers, extra_query, extra_body  # a traceback shows what a frame holds
        return await self._client.call(EMBEDDINGS_CREATE, arguments, options)


class AsyncEmbeddingsWithRawResponse:
    """`client.embeddings.with_raw_response`."""

    __slots__ = ("_client",)

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def create(
        self,
        *,
        input: str
        | Sequence[str]
        | Sequence[int]
        | Sequence[Sequence[int]]
        | Sequence[EmbeddingInputParam | Mapping[str, object]],
        model: str | Literal["text-embedding-3-small", "text-embedding-3-large", "text-embedding-ada-002"],
        dimensions: int | Unset = UNSET,
        encoding_format: Literal["float", "base64"] | str | Unset = UNSET,
        user: str | Unset = UNSET,
        timeout: Timeout | float | Unset | None = UNSET,
        deadline: float | Unset | None = UNSET,
        max_retries: int | Unset = UNSET,
        budget: Budget | Sequence[Budget] | None = None,
        tags: Mapping[str, str] | None = None,
        priority: int | Unset = UNSET,
        extra_headers: Mapping[str, str | None] | None = None,
        extra_query: Mapping[str, object] | None = None,
        extra_body: Mapping[str, object] | None = None,
    ) -> RawResponse[CreateEmbeddingResponse]:
        """As `embeddings.create()`, whose arguments it has; returns the status, headers and bytes with it."""
        arguments: dict[str, object] = {
            "input": input,
            "model": model,
            "dimensions": dimensions,
            "encoding_format": encoding_format,
            "user": user,
        }
        options = CallOptions(
            timeout=timeout,
            deadline=deadline,
            max_retries=max_retries,
            budget=budget,
            tags=tags,
            priority=priority,
            extra_headers=extra_headers,
            extra_query=extra_query,
            extra_body=extra_body,
        )
        del extra_headers, extra_query, extra_body  # a traceback shows what a frame holds
        return await self._client.call_raw(EMBEDDINGS_CREATE, arguments, options)


class AsyncModels:
    """`client.models`."""

    __slots__ = ("_client",)

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> AsyncModelsWithRawResponse:
        """The same methods, returning the status, headers and bytes along with the reply."""
        return AsyncModelsWithRawResponse(self._client)

    async def list(
        self,
        *,
        timeout: Timeout | float | Unset | None = UNSET,
        deadline: float | Unset | None = UNSET,
        max_retries: int | Unset = UNSET,
        budget: Budget | Sequence[Budget] | None = None,
        tags: Mapping[str, str] | None = None,
        priority: int | Unset = UNSET,
        extra_headers: Mapping[str, str | None] | None = None,
        extra_query: Mapping[str, object] | None = None,
    ) -> ModelList:
        """
        List the models.

        Returns all models that the key may use. OpenRouter filters, sorts and pages where asked to.

        Args:
            timeout: Limits in seconds for the steps of each attempt, in place of the client's.
            deadline: Seconds that the whole call may take, in place of the client's.
            max_retries: Attempts after the first, in place of the client's.
            budget: Budgets that hold for this call besides the client's.
            tags: What the call is for, beside the client's tags. Never sent.
            priority: Calls of a higher priority go first where calls wait for a limit. Default: the client's.
            extra_headers: Headers to add or replace; None for a value leaves one out.
            extra_query: Query parameters to add or replace.

        Raises:
            InvalidRequestError: an argument is wrong; nothing was sent.
            APIError: the call ended without a usable result. `twinwire.errors` draws the tree of its kinds.

        Source: `GET /models`, the operation `listModels` of `spec/twinwire.yaml`.
        """
        arguments: dict[str, object] = {}
        options = CallOptions(
            timeout=timeout,
            deadline=deadline,
            max_retries=max_retries,
            budget=budget,
            tags=tags,
            priority=priority,
            extra_headers=extra_headers,
            extra_query=extra_query,
        )
        del extra_headers, extra_query  # a traceback shows what a frame holds
        return await self._client.call(MODELS_LIST, arguments, options)

    async def retrieve(
        self,
        model: str,
        *,
        timeout: Timeout | float | Unset | None = UNSET,
        deadline: float | Unset | None = UNSET,
        max_retries: int | Unset = UNSET,
        budget: Budget | Sequence[Budget] | None = None,
        tags: Mapping[str, str] | None = None,
        priority: int | Unset = UNSET,
        extra_headers: Mapping[str, str | None] | None = None,
        extra_query: Mapping[str, object] | None = None,
    ) -> Model:
        """
        Look up one model.

        Args:
            model: The model's id.
            timeout: Limits in seconds for the steps of each attempt, in place of the client's.
            deadline: Seconds that the whole call may take, in place of the client's.
            max_retries: Attempts after the first, in place of the client's.
            budget: Budgets that hold for this call besides the client's.
            tags: What the call is for, beside the client's tags. Never sent.
            priority: Calls of a higher priority go first where calls wait for a limit. Default: the client's.
            extra_headers: Headers to add or replace; None for a value leaves one out.
            extra_query: Query parameters to add or replace.

        Raises:
            InvalidRequestError: an argument is wrong; nothing was sent.
            APIError: the call ended without a usable result. `twinwire.errors` draws the tree of its kinds.

        Source: `GET /models/{model}`, the operation `retrieveModel` of `spec/twinwire.yaml`.
        """
        arguments: dict[str, object] = {
            "model": model,
        }
        options = CallOptions(
            timeout=timeout,
            deadline=deadline,
            max_retries=max_retries,
            budget=budget,
            tags=tags,
            priority=priority,
            extra_headers=extra_headers,
            extra_query=extra_query,
        )
        del extra_headers, extra_query  # a traceback shows what a frame holds
        return await self._client.call(MODELS_RETRIEVE, arguments, options)


class AsyncModelsWithRawResponse:
    """`client.models.with_raw_response`."""

    __slots__ = ("_client",)

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def list(
        self,
        *,
        timeout: Timeout | float | Unset | None = UNSET,
        deadline: float | Unset | None = UNSET,
        max_retries: int | Unset = UNSET,
        budget: Budget | Sequence[Budget] | None = None,
        tags: Mapping[str, str] | None = None,
        priority: int | Unset = UNSET,
        extra_headers: Mapping[str, str | None] | None = None,
        extra_query: Mapping[str, object] | None = None,
    ) -> RawResponse[ModelList]:
        """As `models.list()`, whose arguments it has; returns the status, headers and bytes with it."""
        arguments: dict[str, object] = {}
        options = CallOptions(
            timeout=timeout,
            deadline=deadline,
            max_retries=max_retries,
            budget=budget,
            tags=tags,
            priority=priority,
            extra_headers=extra_headers,
            extra_query=extra_query,
        )
        del extra_headers, extra_query  # a traceback shows what a frame holds
        return await self._client.call_raw(MODELS_LIST, arguments, options)

    async def retrieve(
        self,
        model: str,
        *,
        timeout: Timeout | float | Unset | None = UNSET,
        deadline: float | Unset | None = UNSET,
        max_retries: int | Unset = UNSET,
        budget: Budget | Sequence[Budget] | None = None,
        tags: Mapping[str, str] | None = None,
        priority: int | Unset = UNSET,
        extra_headers: Mapping[str, str | None] | None = None,
        extra_query: Mapping[str, object] | None = None,
    ) -> RawResponse[Model]:
        """As `models.retrieve()`, whose arguments it has; returns the status, headers and bytes with it."""
        arguments: dict[str, object] = {
            "model": model,
        }
        options = CallOptions(
            timeout=timeout,
            deadline=deadline,
            max_retries=max_retries,
            budget=budget,
            tags=tags,
            priority=priority,
            extra_headers=extra_headers,
            extra_query=extra_query,
        )
        del extra_headers, extra_query  # a traceback shows what a frame holds
        return await self._client.call_raw(MODELS_RETRIEVE, arguments, options)


class AsyncOpenAI(AsyncClient):
    """
    Talks to OpenAI, and through `base_url` to any server that speaks its chat completions.

    Making one opens and sends nothing. It is an async context manager, and `await close()` ends it.
    """

    __slots__ = ()

    def __init__(
        self,
        *,
        api_key: str | Sequence[str] | Callable[[], str] | Callable[[], Awaitable[str]] | None = None,
        organization: str | None = None,
        project: str | None = None,
        app_name: str | None = None,
        app_url: str | None = None,
        base_url: str | None = None,
        timeout: Timeout | float | Unset | None = UNSET,
        deadline: float | None = None,
        max_retries: int | Unset = UNSET,
        retry: Retry | None = None,
        on_interrupt: Literal["raise", "restart", "continue"] = "raise",
        limits: Limits | Sequence[Limits] | Literal[False] | None = None,
        breaker: Breaker | None = None,
        budget: Budget | Sequence[Budget] | None = None,
        ledger: Ledger | Store | PurePath | str | None = None,
        prices: GivenPrices | None = None,
        tags: Mapping[str, str] | None = None,
        priority: int = 0,
        tokenizer: Literal["estimate", "exact"] = "estimate",
        preflight: bool = False,
        default_headers: Mapping[str, str | None] | None = None,
        default_query: Mapping[str, object] | None = None,
        caps: Caps | None = None,
        pool: Pool | None = None,
        transport: AsyncTransport | Literal["httpcore", "httpcore2"] | None = None,
        http_client: AsyncHTTPClient | None = None,
        proxy: str | None = None,
        verify: bool | str | ssl.SSLContext = True,
        http2: bool = False,
        trust_env: bool = True,
        allow_http: bool = False,
        log: bool | str | None = None,
    ) -> None:
        """
        Args:
            api_key: The key; or several, which calls take turns with; or a callable that returns it and is
                asked anew for each attempt. A plain function is waited for as long as it takes, past any
                deadline, so give what it does a limit of its own. Default: the environment variable
                `OPENAI_API_KEY`. A loopback server needs none.
            organization: The organization that is billed, where the key belongs to several. From
                `OPENAI_ORG_ID` unless given.
            project: The project that is billed, where the key belongs to several. From `OPENAI_PROJECT_ID`
                unless given.
            app_name: The application's name; it stands in the `User-Agent`.
            app_url: The application's address; it stands in the `User-Agent`.
            base_url: Where the API is. Default: the environment variable `OPENAI_BASE_URL`, then
                `https://api.openai.com/v1`. A host of another known provider is served by that provider's
                rules.
            timeout: Limits in seconds for the steps of each attempt; a number sets all of them, None switches
                them off. Default: `Timeout()`, which is 10 to connect, 60 to write, 600 to the first event, 120
                between events, 60 for a free connection.
            deadline: Seconds that a whole call may take, with its waits, retries and stream. Default: no
                deadline.
            max_retries: Attempts after the first, where another one may help. Default: 2. Not beside `retry`.
            retry: The whole retry policy. Not beside `max_retries`.
            on_interrupt: What becomes of a `.stream()` that breaks off after its first content. Its own
                `on_interrupt` wins, and describes them.
            limits: How much may be sent in what time; the most restrictive wins. Default: what the server says
                of its own limits. False: no limits at all, not even those.
            breaker: Stop calls for a while where too many fail, by key and model. Default: none.
            budget: How much may be spent; the most restrictive wins. What a call may cost at most is reserved
                before it is sent.
            ledger: Where every call is written down with its cost, and where budgets keep their accounts: the
                path of a file (SQLite), a `redis://` URL, a `Ledger` or a store. Default: budgets count in
                memory, and calls are not written down.
            prices: Prices that come before those of the tables: a mapping, or the path of a price table. True,
                False: whether there are prices at all. Default: the tables, but none for a server on this
                machine.
            tags: What calls are for, such as `user`, `session`, `tool`: for budgets, limits and the ledger.
                Never sent. A call's own are added.
            priority: Calls of a higher priority go first where calls wait for a limit.
            tokenizer: How prompts are counted for reservations: by an upper bound that takes microseconds, or
                exactly where there is a vocabulary for the model, which the first call then loads.
            preflight: Refuse a chat whose prompt is certainly too long for the model, before it is sent
                (`ContextLengthError` with `sent` False). By the context window of the price tables; a model
                whose window they do not know is not checked, which the log says.
            default_headers: Headers of every request; None for a value leaves out one that would be sent
                unasked. A call's `extra_headers` win.
            default_query: Query parameters of every request. A call's `extra_query` wins over them.
            caps: The most of a reply that is taken, in bytes. Default: `Caps()`.
            pool: Limits of the connection pool. Default: the provider's own.
            transport: What sends requests, in place of the default transport; or the engine of that one
                (`httpcore2` is httpx2's). Not beside `http_client`.
            http_client: A client of httpx or httpx2 to send with. It stays yours: twinwire does not close it.
            proxy: URL of a proxy. Default: the proxy variables of the environment.
            verify: Whether certificates are checked; or the path of a bundle of them; or a whole TLS context.
            http2: Offer HTTP/2. Needs the extra `twinwire[http2]`.
            trust_env: Read proxy and certificate variables of the environment (`HTTPS_PROXY`, `SSL_CERT_FILE`,
                ...).
            allow_http: Take a `base_url` of `http://` to another machine, where key and prompts travel
                readable.
            log: Switch the `twinwire` logger on: True, or the name of a level. Default: the environment
                variable `TWINWIRE_LOG`. Content is never logged.

        Raises:
            ConfigError: a key is missing, or an option is wrong; it says which and what is allowed.
        """
        given: dict[str, object] = {
            "api_key": api_key,
            "base_url": base_url,
            "timeout": timeout,
            "deadline": deadline,
            "max_retries": max_retries,
            "retry": retry,
            "on_interrupt": on_interrupt,
            "limits": limits,
            "breaker": breaker,
            "budget": budget,
            "ledger": ledger,
            "prices": prices,
            "tags": tags,
            "priority": priority,
            "tokenizer": tokenizer,
            "preflight": preflight,
            "default_headers": default_headers,
            "default_query": default_query,
            "caps": caps,
            "pool": pool,
            "transport": transport,
            "http_client": http_client,
            "proxy": proxy,
            "verify": verify,
            "http2": http2,
            "trust_env": trust_env,
            "allow_http": allow_http,
            "log": log,
            "provider_options": {
                "organization": organization,
                "project": project,
                "app_name": app_name,
                "app_url": app_url,
            },
        }
        options = Hidden({name: value for name, value in given.items() if value is not UNSET})
        del (
            given,
            api_key,
            organization,
            project,
            app_name,
            app_url,
            base_url,
            timeout,
            deadline,
            max_retries,
            retry,
            on_interrupt,
            limits,
            breaker,
            budget,
            ledger,
            prices,
            tags,
            priority,
            tokenizer,
            preflight,
            default_headers,
            default_query,
            caps,
            pool,
            transport,
            http_client,
            proxy,
            verify,
            http2,
            trust_env,
            allow_http,
            log,
        )  # a traceback shows what a frame holds
        super().__init__("openai", options)

    def with_options(
        self,
        *,
        api_key: str | Sequence[str] | Callable[[], str] | Callable[[], Awaitable[str]] | Unset | None = UNSET,
        organization: str | Unset | None = UNSET,
        project: str | Unset | None = UNSET,
        app_name: str | Unset | None = UNSET,
        app_url: str | Unset | None = UNSET,
        base_url: str | Unset | None = UNSET,
        timeout: Timeout | float | Unset | None = UNSET,
        deadline: float | Unset | None = UNSET,
        max_retries: int | Unset = UNSET,
        retry: Retry | Unset | None = UNSET,
        on_interrupt: Literal["raise", "restart", "continue"] | Unset = UNSET,
        limits: Limits | Sequence[Limits] | Literal[False] | Unset | None = UNSET,
        breaker: Breaker | Unset | None = UNSET,
        budget: Budget | Sequence[Budget] | Unset | None = UNSET,
        ledger: Ledger | Store | PurePath | str | Unset | None = UNSET,
        prices: GivenPrices | Unset | None = UNSET,
        tags: Mapping[str, str] | Unset | None = UNSET,
        priority: int | Unset = UNSET,
        tokenizer: Literal["estimate", "exact"] | Unset = UNSET,
        preflight: bool | Unset = UNSET,
        default_headers: Mapping[str, str | None] | Unset | None = UNSET,
        default_query: Mapping[str, object] | Unset | None = UNSET,
        caps: Caps | Unset | None = UNSET,
        pool: Pool | Unset | None = UNSET,
        transport: AsyncTransport | Literal["httpcore", "httpcore2"] | Unset | None = UNSET,
        http_client: AsyncHTTPClient | Unset | None = UNSET,
        proxy: str | Unset | None = UNSET,
        verify: bool | str | ssl.SSLContext | Unset = UNSET,
        http2: bool | Unset = UNSET,
        trust_env: bool | Unset = UNSET,
        allow_http: bool | Unset = UNSET,
        log: bool | str | Unset | None = UNSET,
    ) -> Self:
        """
        Return a client with these options in place of this one's; what is not given stays as it is.

        The two share their connections, unless an option of the connections changes. The options are the constructor's.
        """
        given: dict[str, object] = {
            "api_key": api_key,
            "organization": organization,
            "project": project,
            "app_name": app_name,
            "app_url": app_url,
            "base_url": base_url,
            "timeout": timeout,
            "deadline": deadline,
            "max_retries": max_retries,
            "retry": retry,
            "on_interrupt": on_interrupt,
            "limits": limits,
            "breaker": breaker,
            "budget": budget,
            "ledger": ledger,
            "prices": prices,
            "tags": tags,
            "priority": priority,
            "tokenizer": tokenizer,
            "preflight": preflight,
            "default_headers": default_headers,
            "default_query": default_query,
            "caps": caps,
            "pool": pool,
            "transport": transport,
            "http_client": http_client,
            "proxy": proxy,
            "verify": verify,
            "http2": http2,
            "trust_env": trust_env,
            "allow_http": allow_http,
            "log": log,
        }
        changes = Hidden({name: value for name, value in given.items() if value is not UNSET})
        del (
            given,
            api_key,
            organization,
            project,
            app_name,
            app_url,
            base_url,
            timeout,
            deadline,
            max_retries,
            retry,
            on_interrupt,
            limits,
            breaker,
            budget,
            ledger,
            prices,
            tags,
            priority,
            tokenizer,
            preflight,
            default_headers,
            default_query,
            caps,
            pool,
            transport,
            http_client,
            proxy,
            verify,
            http2,
            trust_env,
            allow_http,
            log,
        )
        return self._with_options(changes)

    @property
    def chat(self) -> AsyncChat:
        """Has `completions`."""
        return AsyncChat(self)

    @property
    def embeddings(self) -> AsyncEmbeddings:
        """Has `create()`."""
        return AsyncEmbeddings(self)

    @property
    def models(self) -> AsyncModels:
        """Has `list()`, `retrieve()`."""
        return AsyncModels(self)
