"""What is refused before anything is sent, by the tables that the spec gives."""

from __future__ import annotations

import math
from collections import deque
from decimal import Decimal
from types import MappingProxyType

import pytest

from twinwire._client.checks import Checks
from twinwire._client.rules import Rule, Shape
from twinwire._model.unset import UNSET
from twinwire.clients._operations import CHAT_COMPLETIONS_CREATE, EMBEDDINGS_CREATE, MODELS_RETRIEVE
from twinwire.errors import InvalidRequestError
from twinwire.types.reply import ChatCompletion, ChatCompletionMessage, Choice

USER = {"role": "user", "content": "Say hello."}
SECRET = "the quick brown fox"


class Float64(float):
    """As numpy's is: a float by birth."""


class Int64:
    """As numpy's is: no int, but a number."""

    __module__ = "numpy"

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


class Float32:
    """As numpy's is: no float, but a number."""

    __module__ = "numpy"

    def __init__(self, value: float) -> None:
        self.value = value

    def __float__(self) -> float:
        return self.value


class Array(Float32):
    """As numpy's is: it would turn into a number when it holds one."""

    __module__ = "numpy"

    def __len__(self) -> int:
        return 1


def chat(**arguments: object) -> None:
    CHAT_COMPLETIONS_CREATE.check({"model": "m", "messages": [USER]} | arguments)


def refusal(**arguments: object) -> InvalidRequestError:
    with pytest.raises(InvalidRequestError) as caught:
        chat(**arguments)
    return caught.value


REFUSED: list[tuple[dict[str, object], str, str]] = [
    # missing and empty
    ({"model": None}, "model", "model must be a string, got None"),
    ({"model": ""}, "model", "model must not be empty"),
    ({"model": UNSET}, "model", "model is required"),
    ({"messages": []}, "messages", "messages must not be empty"),
    ({"messages": None}, "messages", "messages must be a list, got None"),
    # messages that are no list of mappings
    ({"messages": "hello"}, "messages", "messages must be a list, got str"),
    ({"messages": b"hello"}, "messages", "messages must be a list, got bytes"),
    ({"messages": USER}, "messages", "messages must be a list, got dict"),
    ({"messages": {1, 2}}, "messages", "messages must be a list, got set"),
    ({"messages": (message for message in [USER])}, "messages", "messages must be a list, got generator"),
    ({"messages": deque([USER])}, "messages", "messages must be a list, got collections.deque"),
    ({"messages": [USER, "hello"]}, "messages[1]", "messages[1] must be a mapping, got str"),
    # roles
    ({"messages": [{"content": "hi"}]}, "messages[0].role", "messages[0].role is required: one of 'assistant', "),
    ({"messages": [{**USER, "role": 1}]}, "messages[0].role", ", got int 1"),
    ({"messages": [{**USER, "role": "robot"}]}, "messages[0].role", "messages[0].role must be one of 'assistant', "),
    ({"messages": [{**USER, "role": "robot"}]}, "messages[0].role", "'tool', 'user', got 'robot'"),
    ({"messages": [{**USER, "role": SECRET}]}, "messages[0].role", ", got str"),
    # inside of messages
    ({"messages": [USER, {"role": "user"}]}, "messages[1].content", "messages[1].content is required"),
    ({"messages": [{"role": "user", "content": None}]}, "messages[0].content", "must be a string or a list, got None"),
    ({"messages": [{"role": "tool", "content": "2"}]}, "messages[0].tool_call_id", "is required"),
    (
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": 1}]}]},
        "messages[0].content[1].text",
        "must be a string, got int 1",
    ),
    (
        {"messages": [{"role": "user", "content": [{"text": "a"}]}]},
        "messages[0].content[0].type",
        "is required: a string",
    ),
    (
        {"messages": [{"role": "user", "content": [{"type": 1}]}]},
        "messages[0].content[0].type",
        "must be a string, got int 1",
    ),
    # tools
    ({"tools": {"type": "function"}}, "tools", "tools must be a list, got dict"),
    ({"tools": [{"type": "function"}]}, "tools[0].function", "tools[0].function is required"),
    (
        {"tools": [{"type": "function", "function": {"name": 1}}]},
        "tools[0].function.name",
        "must be a string, got int 1",
    ),
    (
        {"tools": [{"type": "function", "function": {"name": "n" * 65}}]},
        "tools[0].function.name",
        "must be at most 64 characters long, got 65",
    ),
    # kinds
    ({"temperature": "0"}, "temperature", "temperature must be a number or None, got str"),
    ({"temperature": True}, "temperature", "temperature must be a number or None, got bool"),
    ({"temperature": Decimal("0.5")}, "temperature", "temperature must be a number or None, got decimal.Decimal"),
    ({"temperature": Array(1)}, "temperature", "temperature must be a number or None, got numpy.Array"),
    ({"max_tokens": 1.5}, "max_tokens", "max_tokens must be an integer or None, got float 1.5"),
    ({"max_tokens": True}, "max_tokens", "max_tokens must be an integer or None, got bool"),
    ({"stream": 1}, "stream", "stream must be True or False or None, got int 1"),
    ({"stop": 5}, "stop", "stop must be a string, a list or None, got int 5"),
    ({"response_format": ChatCompletion}, "response_format", "response_format must be a mapping, got "),
    # ranges
    ({"temperature": 2.5}, "temperature", "temperature must be at least 0 and at most 2, got float 2.5"),
    ({"temperature": math.nan}, "temperature", "temperature must be a finite number, got nan"),
    ({"min_p": -math.inf}, "min_p", "min_p must be a finite number, got -inf"),
    ({"n": 0}, "n", "n must be at least 1 and at most 128, got int 0"),
    ({"n": Int64(0)}, "n", "n must be at least 1 and at most 128, got int 0"),
    ({"stop": ["a"] * 5}, "stop", "stop must have at most 4 items, got 5"),
    # maps
    ({"logit_bias": {"50256": "a"}}, "logit_bias['50256']", "must be a number, got str"),
    ({"logit_bias": {50256: "a"}}, "logit_bias['50256']", "must be a number, got str"),
    ({"metadata": {"x" * 100: 1}}, f"metadata['{'x' * 40}']", "must be a string, got int 1"),
]


@pytest.mark.parametrize(("arguments", "param", "words"), REFUSED)
def test_what_the_spec_rules_out_is_refused(arguments: dict[str, object], param: str, words: str) -> None:
    """The error names the argument, what it got and what is allowed."""
    error = refusal(**arguments)

    assert error.param == param
    assert str(error).startswith(param)
    assert words in str(error)


@pytest.mark.parametrize(
    "arguments",
    [
        {"messages": (USER,)},
        {"messages": [MappingProxyType(USER)]},
        {"messages": [{"role": "user", "content": [{"type": "hologram", "light": 1}]}]},
        {"messages": [{"role": "system", "content": [{"type": "image_url", "image_url": {"url": "https://x"}}]}]},
        {"messages": [{"role": "assistant", "content": None, "tool_calls": UNSET}]},
        {"messages": [{**USER, "novelty": object}]},
        {"tools": [{"type": "mind_reading", "range_metres": 5}]},
        {"tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]},
        {"reasoning_effort": "heroic"},
        {"temperature": 1},
        {"temperature": None},
        {"temperature": Float64(0.5)},
        {"temperature": Float32(0.5)},
        {"temperature": Int64(1)},
        {"n": Int64(1)},
        {"top_k": 10**400},
        {"stop": "end"},
        {"stop": []},
        {"logit_bias": {50256: -100, "11": 0.5}},
        {"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {}}}},
        {"tool_choice": "auto"},
        {"image_config": MappingProxyType({"aspect_ratio": "1:1"})},
        {"tool_choice": {"type": "function", "function": {"name": "f"}}},
        {"unheard_of": object},
    ],
)
def test_what_may_be_right_is_let_through(arguments: dict[str, object]) -> None:
    """Unknown keys, enum values and kinds of parts, tuples, other mappings and numpy's numbers pass."""
    chat(**arguments)


def test_replies_may_be_handed_back() -> None:
    """A reply, its message and its parts stand for their own JSON."""
    message = ChatCompletionMessage(role="assistant", content="Hello.")
    reply = ChatCompletion(choices=[Choice(message=message)])

    chat(messages=[USER, reply, message, {"role": "assistant", "content": "", "audio": message}])


def test_a_part_of_a_reply_is_no_text() -> None:
    """Where text is expected, a reply is refused as any other object."""
    error = refusal(user=ChatCompletionMessage(content=SECRET))

    assert str(error) == "user must be a string, got twinwire.types.reply.ChatCompletionMessage"


@pytest.mark.parametrize(
    "arguments",
    [
        {"messages": [{"role": SECRET, "content": SECRET}]},
        {"messages": SECRET},
        {"messages": [[SECRET]]},
        {"temperature": SECRET},
        {"n": SECRET},
        {"messages": [{"role": "user", "content": {"type": SECRET}}]},
    ],
)
def test_no_prompt_is_repeated(arguments: dict[str, object]) -> None:
    """A message of an error never holds what the user wrote."""
    error = refusal(**arguments)

    assert SECRET not in str(error)
    assert error.__cause__ is None
    assert error.__suppress_context__


def test_long_numbers_are_cut() -> None:
    """A number of a thousand digits does not fill the message."""
    error = refusal(n=10**5000)

    assert str(error) == "n must be at least 1 and at most 128, got int of 16610 bits"


def test_inputs_of_embeddings_nest() -> None:
    """The alternatives of one list are looked at together, down to the numbers."""
    EMBEDDINGS_CREATE.check({"model": "m", "input": [[1, 2], [3]]})
    with pytest.raises(InvalidRequestError) as caught:
        EMBEDDINGS_CREATE.check({"model": "m", "input": [[1, 2], [3, 0.5]]})

    assert caught.value.param == "input[1][1]"


def test_path_parameters_are_never_empty() -> None:
    """An empty one would name another operation."""
    with pytest.raises(InvalidRequestError, match="model must not be empty"):
        MODELS_RETRIEVE.check({"model": ""})


def limits(rule: Rule, value: object) -> str:
    with pytest.raises(InvalidRequestError) as caught:
        Checks(Shape(properties={"x": rule}), {}).check({"x": value})
    return str(caught.value)


@pytest.mark.parametrize(
    ("rule", "value", "words"),
    [
        (Rule("number", exclusive_minimum=0), 0, "x must be more than 0, got int 0"),
        (Rule("number", exclusive_maximum=1), 1.0, "x must be less than 1, got float 1.0"),
        (Rule("string", min_length=3), "ab", "x must be at least 3 characters long, got 2"),
        (Rule("list", min_items=2), [1], "x must have at least 2 items, got 1"),
        (Rule("null"), 1, "x must be None, got int 1"),
    ],
)
def test_every_limit_has_its_words(rule: Rule, value: object, words: str) -> None:
    """Each says what is allowed and what it got."""
    assert limits(rule, value) == words


def test_a_list_of_anything_may_be_a_tuple() -> None:
    """Items are not looked at where the spec says nothing of them."""
    Checks(Shape(properties={"x": Rule("list")}), {}).check({"x": (object,)})


def test_a_shape_may_hold_itself() -> None:
    """Rules name shapes, so that a tree can be checked to its leaves."""
    tree = Shape(
        required=("name",),
        properties={"name": Rule("string"), "twigs": Rule("list", items=Rule("mapping", shape="tree"))},
    )
    checks = Checks(Shape(properties={"root": Rule("mapping", shape="tree")}), {"tree": tree})

    nameless: dict[str, object] = {}
    with pytest.raises(InvalidRequestError) as caught:
        checks.check({"root": {"name": "a", "twigs": [{"name": "b", "twigs": [nameless]}]}})

    assert caught.value.param == "root.twigs[0].twigs[0].name"


@pytest.mark.parametrize(
    "arguments",
    [
        {"tools": [{"function": {"name": "f"}}]},
        {"response_format": {"type": "json_schema", "json_schema": {"schema": {}}}},
        {"messages": [{"role": "assistant", "content": None, "tool_calls": [{"id": "a", "function": {"name": "f"}}]}]},
    ],
)
def test_servers_of_their_own_mind(arguments: dict[str, object]) -> None:
    """What is incomplete inside an argument is refused for whom the spec describes, and is another server's affair."""
    whole = {"model": "m", "messages": [USER]} | arguments
    CHAT_COMPLETIONS_CREATE.check(whole, is_lenient=True)

    with pytest.raises(InvalidRequestError, match="is required"):
        CHAT_COMPLETIONS_CREATE.check(whole)


@pytest.mark.parametrize("arguments", [{"messages": [{"role": "x"}]}, {"messages": []}, {"temperature": "hot"}])
def test_no_server_takes_nonsense(arguments: dict[str, object]) -> None:
    """Roles, kinds and lengths are checked for every server."""
    with pytest.raises(InvalidRequestError):
        CHAT_COMPLETIONS_CREATE.check({"model": "m", "messages": [USER]} | arguments, is_lenient=True)


def test_nulls_inside_a_message_are_let_through() -> None:
    """A reply that is handed back as a mapping is full of them."""
    message = {"role": "assistant", "content": "Hi", "tool_calls": None, "refusal": None, "name": None}

    CHAT_COMPLETIONS_CREATE.check({"model": "m", "messages": [USER, message]})


def test_too_many_notes() -> None:
    """A mapping may have a limit of its own."""
    with pytest.raises(InvalidRequestError, match="at most 16 members, got 17"):
        CHAT_COMPLETIONS_CREATE.check(
            {"model": "m", "messages": [USER], "metadata": {str(number): "x" for number in range(17)}}
        )
