"""Streamed tool calls beside text, finish reasons, other choices, and ends that come too early."""

from __future__ import annotations

from twinwire.errors import StreamTruncatedError
from twinwire.testing.answers import Reply, ToolCall
from twinwire.testing.faults import Encode, Pieces
from twinwire.testing.scenarios.scenario import Expect, Scenario
from twinwire.testing.scenarios.topics.bodies import choice, chunk, ends, says, stream
from twinwire.testing.scenarios.topics.calling import A, B, F, G, call, calls

SCENARIOS = (
    *(
        Scenario(
            name=f"calls-{name}",
            topic="tool_calls",
            about=about,
            ways=("chunks", "events"),
            server=(answer,),
            expect=expect,
            injected=True,
        )
        for name, about, answer, expect in (
            (
                "with-text",
                "Text and a call come in one message.",
                calls([[call(0, "x", "f", A)]], text="Let me see."),
                Expect(text="Let me see.", calls=(F,)),
            ),
            (
                "finish-stop",
                "The finish reason of calls is `stop` (OpenAI with a named tool, Gemini, Ollama).",
                calls([[call(0, "x", "f", A)]], "stop"),
                Expect(calls=(F,), finish_reason="stop"),
            ),
            (
                "finish-length",
                "A call is cut by the token limit: it is handed over as it is, and the finish reason says so.",
                calls([[call(0, "x", "f", A[:9])]], "length"),
                Expect(calls=(("f", A[:9]),), finish_reason="length"),
            ),
            (
                "after-the-finish",
                "A call comes after the finish reason: it belongs to the answer.",
                stream(says("Wait."), ends("tool_calls"), chunk(choice(tool_calls=[call(0, "x", "f", A)]))),
                Expect(text="Wait.", calls=(F,)),
            ),
            (
                "with-the-finish",
                "A whole call comes together with the finish reason.",
                stream(chunk(choice(finish="tool_calls", tool_calls=[call(0, "x", "f", A)]))),
                Expect(calls=(F,), finish_reason="tool_calls"),
            ),
            (
                "in-two-choices",
                "Each of two choices has its own call, with the same index and id.",
                stream(
                    *(
                        chunk(choice(index=index, tool_calls=[call(0, "x", name, "")]))
                        for index, name in ((0, "f"), (1, "g"))
                    ),
                    *(
                        chunk(choice(index=index, tool_calls=[call(0, arguments=arguments)]))
                        for index, arguments in ((1, B), (0, A))
                    ),
                    ends("tool_calls"),
                    chunk(choice(index=1, finish="tool_calls")),
                ),
                Expect(
                    calls=(F,),
                    checks=(
                        lambda played: (
                            None
                            if played.outcome.reply is None
                            or played.outcome.reply.choices[1].message.tool_calls[0].function.name == "g"
                            else "the calls of the choices were mixed"
                        ),
                    ),
                ),
            ),
            (
                "legacy",
                "A legacy function call comes in pieces.",
                stream(
                    chunk(choice(function_call={"name": "f", "arguments": ""})),
                    chunk(choice(function_call={"arguments": A[:4]})),
                    chunk(choice(function_call={"arguments": A[4:]})),
                    ends("function_call"),
                ),
                Expect(
                    finish_reason="function_call",
                    checks=(
                        lambda played: (
                            None
                            if played.outcome.reply is None
                            or played.outcome.reply.message.function_call.to_dict() == {"name": "f", "arguments": A}
                            else "the function call is another"
                        ),
                    ),
                ),
            ),
            (
                "unknown-type",
                "A call is of a type that nobody knows: it is kept.",
                stream(
                    chunk(choice(tool_calls=[{"index": 0, "id": "x", "type": "shell", "shell": {"command": "ls"}}])),
                    ends("tool_calls"),
                ),
                Expect(
                    checks=(
                        lambda played: (
                            None
                            if played.outcome.reply is None
                            or played.outcome.reply.to_dict()["choices"][0]["message"]["tool_calls"]
                            == [{"id": "x", "type": "shell", "shell": {"command": "ls"}}]
                            else f"the call is {played.outcome.reply.to_dict()['choices'][0]['message']['tool_calls']}"
                        ),
                    )
                ),
            ),
            (
                "in-whole-message",
                "A choice has a whole message with calls in place of deltas.",
                stream(
                    {
                        "choices": [
                            {
                                "index": 0,
                                "message": {
                                    "role": "assistant",
                                    "content": None,
                                    "tool_calls": [
                                        {"id": "x", "type": "function", "function": {"name": "f", "arguments": A}}
                                    ],
                                },
                                "finish_reason": "tool_calls",
                            }
                        ]
                    }
                ),
                Expect(calls=(F,)),
            ),
            (
                "compressed-byte-by-byte",
                "Calls arrive compressed, in pieces of one byte.",
                Reply(tool_calls=[ToolCall("f", A), ToolCall("g", B)], faults=[Encode(), Pieces(1)]),
                Expect(calls=(F, G), finish_reason="tool_calls"),
            ),
            (
                "cut-by-done",
                "[DONE] comes amid a call's arguments, without a finish reason: the call is handed over as it came, with no reason.",
                stream(chunk(choice(tool_calls=[call(0, "x", "f", A[:4])]))),
                Expect(calls=(("f", A[:4]),), facts={"finish_reason": None}),
            ),
            (
                "cut-by-the-end",
                "A stream ends silently amid a call's arguments: that is an error.",
                stream(chunk(choice(tool_calls=[call(0, "x", "f", A[:4])])), done=False),
                Expect(error=StreamTruncatedError, calls=(("f", A[:4]),), billed=True),
            ),
        )
    ),
)
