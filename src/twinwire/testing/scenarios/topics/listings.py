"""Embeddings and lists of models, in the shapes that servers give them."""

from __future__ import annotations

import base64
import struct
from typing import TYPE_CHECKING, Any

from twinwire.errors import DecodeError, InternalServerError
from twinwire.testing.answers import Reply, Status
from twinwire.testing.faults import AfterBytes, Close, Encode
from twinwire.testing.scenarios.scenario import Ask, Expect, Scenario
from twinwire.testing.scenarios.topics.bodies import whole
from twinwire.testing.scenarios.topics.findings import finds

if TYPE_CHECKING:
    from twinwire.testing.answers import Exchange
    from twinwire.testing.scenarios.scenario import Way

_LISTED: tuple[Way, ...] = ("embeddings", "models")
_VECTOR = [0.5, -0.25, 1.0]
_FLOATS = base64.b64encode(struct.pack("<3f", *_VECTOR)).decode()
_BYTES = base64.b64encode(bytes([1, 2, 255])).decode()


def _item(embedding: Any, index: Any = 0, **more: Any) -> dict[str, Any]:
    return {"object": "embedding", "index": index, "embedding": embedding, **more}


def _list(*items: Any, **more: Any) -> Exchange:
    return whole(
        {"object": "list", "data": list(items), "model": "m", "usage": {"prompt_tokens": 1, "total_tokens": 1}, **more}
    )


def _vectors(got: Any) -> object:
    return got.vectors


# name, what is strange, the exchange, arguments, what `vectors` is
_VECTORS: list[tuple[str, str, Exchange, dict[str, Any], object]] = [
    ("floats", "Vectors are numbers, whole ones among them.", _list(_item([1, -0.25, 0])), {}, [[1, -0.25, 0]]),
    ("base64", "Vectors are base64, as asked for.", _list(_item(_FLOATS)), {"encoding_format": "base64"}, [_VECTOR]),
    (
        "base64-unasked",
        "Vectors are base64 of 8-bit integers, unasked (Perplexity): nobody guesses.",
        _list(_item(_BYTES)),
        {},
        DecodeError,
    ),
    (
        "numbers-in-place-of-base64",
        "Base64 was asked for, and numbers came.",
        _list(_item(_VECTOR)),
        {"encoding_format": "base64"},
        [_VECTOR],
    ),
    (
        "index-missing",
        "No vector has an index.",
        _list({"embedding": [1.0]}, {"embedding": [2.0]}),
        {"input": ["a", "b"]},
        [[1.0], [2.0]],
    ),
    (
        "out-of-order",
        "Vectors come in another order than the input: `vectors` has them by their index.",
        _list(_item([2.0], 1), _item([1.0], 0)),
        {"input": ["a", "b"]},
        [[1.0], [2.0]],
    ),
    ("usage-missing", "There is no usage (Ollama).", whole({"data": [_item(_VECTOR)]}), {}, [_VECTOR]),
    (
        "usage-extra",
        "Usage has a cost and nulls.",
        _list(
            _item(_VECTOR),
            usage={
                "prompt_tokens": 1,
                "total_tokens": 1,
                "cost": 0.1,
                "completion_tokens": None,
                "prompt_audio_seconds": None,
            },
        ),
        {},
        [_VECTOR],
    ),
    (
        "of-many",
        "There are 2,000 vectors.",
        _list(*(_item([float(n)], n) for n in range(2000))),
        {"input": ["x"] * 2000},
        [[float(n)] for n in range(2000)],
    ),
    ("nan", "A number is NaN.", whole('{"data":[{"index":0,"embedding":[NaN,1.5]}]}'), {}, None),
]

# name, what is wrong, the exchange, arguments
_WRONG: list[tuple[str, str, Exchange, dict[str, Any]]] = [
    ("no-data", "no `data`", whole({"object": "list", "model": "m"}), {}),
    ("data-object", "`data` that is an object", whole({"object": "list", "data": {}, "model": "m"}), {}),
    ("no-vector", "an item without a vector", _list({"index": 0}), {}),
    ("vector-of-texts", "a vector of texts", _list(_item(["a"])), {}),
    ("vector-null", "a vector that is null", _list(_item(None)), {}),
    (
        "base64-no-floats",
        "base64 that is no whole number of floats, where floats were asked for",
        _list(_item(_BYTES)),
        {"encoding_format": "base64"},
    ),
    (
        "base64-broken",
        "text that is no base64, where base64 was asked for",
        _list(_item("?!")),
        {"encoding_format": "base64"},
    ),
    ("list", "a bare list", whole("[]"), {}),
    ("too-few", "a vector less than there are inputs", _list(_item(_VECTOR)), {"input": ["a", "b"]}),
    ("too-many", "a vector more than there are inputs", _list(_item(_VECTOR), _item(_VECTOR, 1)), {"input": "a"}),
]

_OPENAI = {
    "object": "list",
    "data": [
        {"id": "a", "object": "model", "created": 1, "owned_by": "x"},
        {"id": "b", "object": "model", "created": 2, "owned_by": "x"},
    ],
}
_OPENROUTER = {
    "data": [
        {
            "id": "a/b",
            "canonical_slug": "a/b",
            "hugging_face_id": None,
            "name": "B",
            "created": 1,
            "context_length": 128,
            "architecture": {
                "modality": "text->text",
                "input_modalities": ["text"],
                "output_modalities": ["text"],
                "tokenizer": "Other",
                "instruct_type": None,
            },
            "pricing": {"prompt": "0.000001", "completion": "0.000002"},
            "top_provider": {"context_length": None, "max_completion_tokens": None, "is_moderated": False},
            "per_request_limits": None,
            "supported_parameters": ["tools"],
            "future": 1,
        }
    ]
}
_LLAMACPP = {
    "models": [{"name": "a.gguf", "model": "a.gguf"}],
    "object": "list",
    "data": [{"id": "a.gguf", "object": "model", "created": 1, "owned_by": "llamacpp", "meta": {"n_vocab": 32000}}],
}
_ANTHROPIC = {
    "data": [{"type": "model", "id": "claude", "display_name": "Claude", "created_at": "2025-01-01T00:00:00Z"}],
    "has_more": False,
    "first_id": "claude",
    "last_id": "claude",
}

# name, whose shape, the body, the ids in it
_MODELS: list[tuple[str, str, dict[str, Any], list[str]]] = [
    ("openai", "OpenAI's", _OPENAI, ["a", "b"]),
    ("openrouter", "OpenRouter's, with prices as text and fields of the future", _OPENROUTER, ["a/b"]),
    ("llama-cpp", "llama.cpp's, `models` and `data` side by side", _LLAMACPP, ["a.gguf"]),
    ("anthropic", "Anthropic's, with the date as text", _ANTHROPIC, ["claude"]),
    ("empty", "an empty list", {"object": "list", "data": []}, []),
]

SCENARIOS = (
    *(
        Scenario(
            name=f"embeddings-{name}",
            topic="replies",
            about=about,
            ways=("embeddings",),
            server=(answer,),
            ask=Ask(arguments=arguments),
            expect=Expect(checks=() if expected is None else (finds("vectors", _vectors, expected),)),
        )
        for name, about, answer, arguments, expected in _VECTORS
    ),
    *(
        Scenario(
            name=f"embeddings-{name}",
            topic="replies",
            about=f"The answer to embeddings has {about}: it cannot be read, and the error holds it.",
            ways=("embeddings",),
            server=(answer,),
            ask=Ask(arguments=arguments),
            expect=Expect(error=DecodeError, billed=True),
        )
        for name, about, answer, arguments in _WRONG
    ),
    *(
        Scenario(
            name=f"{way}-too-deep",
            topic="replies",
            about="A field that nobody knows is nested 500 levels deep: typed, and no RecursionError of whoever prints or copies it.",
            ways=(way,),
            server=(whole(b'{"object":"list","model":"m","data":[],"x":' + b"[" * 500 + b"]" * 500 + b"}"),),
            expect=Expect(error=DecodeError, billed=True),
        )
        for way in _LISTED
    ),
    Scenario(
        name="embeddings-error-in-200",
        topic="replies",
        about="An error of 503 stands in the 200 of embeddings: it is repeated.",
        ways=("embeddings",),
        server=(whole({"error": {"code": 503, "message": "Busy."}}), Reply()),
        expect=Expect(attempts=2),
    ),
    Scenario(
        name="embeddings-cut",
        topic="replies",
        about="The answer to embeddings is cut: it is asked for again.",
        ways=("embeddings",),
        server=(Reply(faults=[Close(AfterBytes(50))]), Reply(faults=[Encode()])),
        expect=Expect(attempts=2),
    ),
    *(
        Scenario(
            name=f"models-{name}",
            topic="replies",
            about=f"A list of models has the shape of {about}: its models are read, and the rest is kept.",
            ways=("models",),
            dialect="openrouter" if name == "openrouter" else "openai",
            server=(whole(body),),
            expect=Expect(
                checks=(
                    finds("the ids", lambda got: [model.id for model in got], ids),
                    finds("the whole", lambda got: got.to_dict(), body),
                )
            ),
        )
        for name, about, body, ids in _MODELS
    ),
    Scenario(
        name="models-down",
        topic="replies",
        about="A list of models fails with 500, and then comes.",
        ways=("models",),
        server=(Status(500), Reply()),
        expect=Expect(attempts=2),
    ),
    Scenario(
        name="models-down-for-good",
        topic="replies",
        about="A list of models is an error inside a 200, each time.",
        ways=("models",),
        server=(whole({"error": {"code": 500, "message": "No."}}),) * 3,
        expect=Expect(error=InternalServerError, attempts=3),
    ),
)
