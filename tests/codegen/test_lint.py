"""The lint: each rule once, with the message in full; and the project's own spec."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen.lint import lint
from codegen.load import load
from tests.codegen.project import ASK_YAML, EXTRA_PARAM_YAML, EXTRA_YAML, ROOT_YAML, problems, write_project

REPOSITORY = Path(__file__).resolve().parents[2]
ANSWER = "spec/schemas/answer.yaml"
ASK = "spec/schemas/ask.yaml"
ROOT = "spec/twinwire.yaml"

TAGGED = """
Extra:
  description: One of two.
  oneOf: [{$ref: "#/Left"}, {$ref: "#/Right"}]
  discriminator: {propertyName: type, mapping: {left: "#/Left", right: "#/Right"}}
Left: {type: object, description: One., required: [type], properties: {type: {type: string, const: left}}}
Right: {type: object, description: Another., required: [type], properties: {type: {type: string, enum: [right]}}}
"""
UNTAGGED = TAGGED.replace('  discriminator: {propertyName: type, mapping: {left: "#/Left", right: "#/Right"}}\n', "")


@pytest.mark.no_cover  # ten times as long; smaller specs go the same ways
def test_own_spec_is_in_order() -> None:
    """The spec of the project has no problem."""
    assert lint(load(REPOSITORY)) == []


def test_small_spec_is_in_order(tmp_path: Path) -> None:
    """The spec that the rows below break is in order."""
    assert problems(write_project(tmp_path)) == []


@pytest.mark.parametrize(
    ("extra", "problem"),
    [
        (
            "Extra: {type: object, properties: {note: {type: string, nullable: true}}}",
            (
                f"{ANSWER}: Extra.note: `nullable` is OpenAPI 3.0; "
                'write `type: [string, "null"]`, or `anyOf` with `type: "null"`'
            ),
        ),
        (
            "Extra: {type: object, properties: {note: {not: {type: string}}}}",
            f"{ANSWER}: Extra.note: the keyword not is not generated from; say it with others, or teach codegen/lower.py",
        ),
        (
            "Extra: {type: object, properties: {note: {type: string, x-provider: [openai]}}}",
            (
                f"{ANSWER}: Extra.note: the extension x-provider is unknown; write one of x-absent, x-base, "
                "x-deprecated-reason, x-lenient, x-open-enum, x-providers, x-python-name, x-takes-replies, x-text"
            ),
        ),
        (
            "Extra: {type: object, properties: {part: {type: object, properties: {a: {type: string}}}}}",
            f"{ANSWER}: Extra.part: an inline object would get an unstable name; give it a name of its own and refer to that",
        ),
        (
            "Extra: {type: object, properties: {parts: {type: array, items: {properties: {a: {type: string}}}}}}",
            (
                f"{ANSWER}: Extra.parts[]: an inline object would get an unstable name; "
                "give it a name of its own and refer to that"
            ),
        ),
        (
            "Extra: {type: object, x-absent: '', properties: {note: {type: string}}}",
            f"{ANSWER}: Extra: x-absent on a schema; write it on the properties that it is about",
        ),
        (
            "Extra: {type: object, properties: {note: {type: string, x-absent: 0}}}",
            f"{ANSWER}: Extra.note: it cannot read as 0; write a value of its type, an empty list, or an empty object",
        ),
        (
            "Extra: {type: object, properties: {note: {anyOf: [{type: string}, {type: 'null'}], x-absent: []}}}",
            f"{ANSWER}: Extra.note: it cannot read as []; write a value of its type, an empty list, or an empty object",
        ),
        (
            "Extra: {type: object, properties: {notes: {type: array, items: {type: string}, x-absent: [a]}}}",
            f"{ANSWER}: Extra.notes: it cannot read as ['a']; write a value of its type, an empty list, or an empty object",
        ),
        (
            "Extra: {type: object, properties: {other: {$ref: '#/Answer', x-absent: {}}}}",
            f"{ANSWER}: Extra.other: it cannot read as {{}}; write a value of its type, an empty list, or an empty object",
        ),
        (
            "Extra: {type: object, properties: {mood: {$ref: '#/Mood', x-absent: 1}}}",
            f"{ANSWER}: Extra.mood: it cannot read as 1; write a value of its type, an empty list, or an empty object",
        ),
        (
            "Extra: {type: object, properties: {note: {type: integer, x-text: true}}}",
            f"{ANSWER}: Extra.note: x-text on what is no union with a text; leave it out",
        ),
        (
            "Extra: {type: object, required: [note], properties: {note: {type: string, x-lenient: true}}}",
            f"{ANSWER}: Extra.note: x-lenient on what is required; leave one of them out",
        ),
        (
            "Extra: {type: object, additionalProperties: true}",
            f"{ANSWER}: Extra: a component that is any object would become an empty class; write it where it is used",
        ),
        (
            'Extra: {type: object, properties: {note: {$ref: "#/Mood", type: string}}}',
            f"{ANSWER}: Extra.note: a reference stands beside what describes a schema; leave one of them out",
        ),
        (
            'Extra: {type: object, properties: {note: {allOf: [{$ref: "#/Mood"}, {type: string}]}}}',
            f"{ANSWER}: Extra.note: schemas are combined, which is not generated from; write the result out",
        ),
        (
            "Extra: {type: object, properties: {note: {type: [text, 'null']}}}",
            f"{ANSWER}: Extra.note: unknown type text; write one of array, boolean, integer, null, number, object, string",
        ),
        (
            "Extra: {type: object, properties: {notes: {type: [array, 'null']}}}",
            f"{ANSWER}: Extra.notes: a list without `items`; say what it holds",
        ),
        (
            "Extra: {type: object, properties: {note: {enum: [[1]]}}}",
            f"{ANSWER}: Extra.note: an enum of nothing, or of lists or objects; list texts, numbers or null",
        ),
        (
            "Extra: {type: object, properties: {note: {type: string, x-deprecated-reason: Old.}}}",
            (
                f"{ANSWER}: Extra.note: x-deprecated-reason on what is not deprecated; "
                "write `deprecated: true`, or leave the reason out"
            ),
        ),
        (
            "Extra: {type: object, properties: {note: {type: string, x-open-enum: false}}}",
            f"{ANSWER}: Extra.note: x-open-enum on what is no enum; leave it out",
        ),
        (
            "Extra: {type: object, properties: {note: {type: string, x-base: Reply}}}",
            f"{ANSWER}: Extra.note: x-base on what is no named schema; leave it out",
        ),
        (
            "Extra: {type: object, x-python-name: extra_, properties: {note: {type: string}}}",
            f"{ANSWER}: Extra: x-python-name on what is no property; leave it out",
        ),
        (
            "Extra: {type: object, required: [node], properties: {note: {type: string}}}",
            f"{ANSWER}: Extra: requires 'node', which is none of its properties; correct the name, or describe the property",
        ),
        (
            "Extra: {type: object, required: [note], properties: {note: {type: string}}}",
            (
                f"{ANSWER}: Extra.note: a reply without it would be lost; leave it out of `required`, or list it with the "
                "reason in `x-required` of spec/twinwire.yaml"
            ),
        ),
        (
            "Extra: {type: object, x-base: Rely, properties: {note: {type: string}}}",
            (
                f"{ANSWER}: Extra: x-base 'Rely' is unknown; "
                "write one of ChatReply, ChunkReply, EmbeddingItem, EmbeddingReply, ListReply, Reply"
            ),
        ),
        (
            "Extra: {type: string, x-base: Reply}",
            f"{ANSWER}: Extra: x-base on what is not the class of a reply; leave it out",
        ),
        (
            "Extra: {type: object, properties: {from: {type: string}}}",
            f"{ANSWER}: Extra.from: 'from' is a reserved name; write `x-python-name: from_`, say",
        ),
        (
            "Extra: {type: object, properties: {to_dict: {type: string}}}",
            f"{ANSWER}: Extra.to_dict: 'to_dict' is a reserved name; write `x-python-name: to_dict_`, say",
        ),
        (
            "Extra: {type: object, x-base: ChatReply, properties: {cost: {type: string}}}",
            f"{ANSWER}: Extra.cost: 'cost' is a reserved name; write `x-python-name: cost_`, say",
        ),
        (
            "Extra: {type: object, properties: {list: {type: string}}}",
            f"{ANSWER}: Extra.list: 'list' is a reserved name; write `x-python-name: list_`, say",
        ),
        (
            "Extra: {type: object, properties: {two-words: {type: string, x-python-name: two.words}}}",
            f"{ANSWER}: Extra.two-words: 'two.words' is a reserved name; write `x-python-name: two-words_`, say",
        ),
        (
            "Extra: {type: object, properties: {note: {type: string, x-python-name: words}}}",
            f"{ANSWER}: Extra.note: x-python-name is not needed; leave it out",
        ),
        (
            "Extra: {type: object, properties: {from: {type: string, x-python-name: note}, note: {type: string}}}",
            f"{ANSWER}: Extra.note: two properties are called 'note' in Python; change x-python-name",
        ),
        (
            EXTRA_YAML + "Json: {type: string}",
            f"{ANSWER}: Json: cannot be the name of a type in the generated module; give it another, such as MyType",
        ),
        (
            "Extra: {type: object, properties: {note: {type: string}}}",
            f"{ANSWER}: Extra: it has no description, so its type has no docstring; write one",
        ),
        (
            "Extra: {type: object, properties: {note: {type: string, x-takes-replies: [Answer, AskParams]}}}",
            f"{ANSWER}: Extra.note: x-takes-replies names 'AskParams', which is no schema of a reply; correct the name",
        ),
        (
            EXTRA_YAML + "Unused: {type: string}",
            f"{ANSWER}: Unused: nothing refers to it; refer to it from an operation, or remove it",
        ),
        (
            "Extra: {type: object, properties: {note: {type: string, x-providers: [opnai]}}}",
            (
                f"{ANSWER}: Extra.note: x-providers ['opnai'] names none or an unknown provider; "
                "write a list of some of openai, openrouter"
            ),
        ),
        (
            "Extra: {type: object, properties: {note: {type: string, x-providers: openai}}}",
            (
                f"{ANSWER}: Extra.note: x-providers 'openai' names none or an unknown provider; "
                "write a list of some of openai, openrouter"
            ),
        ),
        (
            "Extra: {type: object, properties: {note: {type: string, x-providers: [openrouter, openai]}}}",
            f"{ANSWER}: Extra.note: x-providers names all providers; leave it out, which means the same",
        ),
        (
            "Extra: {type: object, properties: {note: {type: string}}, example: {note: 1}}",
            f"{ANSWER}: Extra.example['note']: the example does not fit: 1 is not of type 'string'; correct one of them",
        ),
        (
            'Extra: {type: object, properties: {mood: {$ref: "#/Mood", examples: [sad, mad]}}}',
            (
                f"{ANSWER}: Extra.mood.examples[1]: the example does not fit: 'mad' is not one of ['merry', 'sad']; "
                "correct one of them"
            ),
        ),
        (
            "Extra: {type: object, properties: {note: {type: string, minLength: many}}}",
            f"{ANSWER}: Extra.properties.note.minLength: not JSON schema: 'many' is not of type 'integer'; correct it",
        ),
    ],
)
def test_schemas_of_replies(tmp_path: Path, extra: str, problem: str) -> None:
    """What is wrong with a schema is said with its place and remedy."""
    assert problem in problems(write_project(tmp_path, extra=extra))


@pytest.mark.parametrize(
    ("extra", "problem"),
    [
        (
            EXTRA_PARAM_YAML.replace("kind", "from"),
            f"{ASK}: ExtraParam.from: a typed dict cannot have this key; leave it out; any mapping is sent as it is",
        ),
        (
            EXTRA_PARAM_YAML.replace("words:", "more words:"),
            (
                f"{ASK}: ExtraParam.more words: a typed dict cannot have this key; "
                "leave it out; any mapping is sent as it is"
            ),
        ),
        (
            EXTRA_PARAM_YAML.replace("type: array, items: {type: string}", '$ref: "#/Other"')
            + "Other: {type: object, properties: {a: {type: string}}}",
            f"{ASK}: Other: it becomes a typed dict, whose names end in Param; call it OtherParam",
        ),
        (
            EXTRA_PARAM_YAML.replace("type: array, items: {type: string}", '$ref: "#/AskParams"'),
            (
                f"{ROOT}: POST /ask/{{topic}}: ExtraParam refers to the request body, which has no type of its own; "
                "move what they share to another schema"
            ),
        ),
        (
            EXTRA_PARAM_YAML.replace("type: array, items: {type: string}", '$ref: "answer.yaml#/Extra"'),
            f"{ASK}: ExtraParam: Extra becomes a type called ExtraParam too; rename one of them",
        ),
        (
            EXTRA_PARAM_YAML.replace("  required: [kind]", "  x-base: Reply\n  required: [kind]"),
            f"{ASK}: ExtraParam: x-base on what is not the class of a reply; leave it out",
        ),
        (
            EXTRA_PARAM_YAML.replace("items: {type: string}", "items: {type: string}, x-absent: null"),
            f"{ASK}: ExtraParam.words: x-absent on what no reply has; leave it out",
        ),
    ],
)
def test_schemas_of_requests(tmp_path: Path, extra: str, problem: str) -> None:
    """What a request is made of has names that a typed dict can have."""
    assert problem in problems(write_project(tmp_path, extra_param=extra))


def test_absence_reads_as_null_anyway(tmp_path: Path) -> None:
    """What every type does already needs no saying."""
    extra = "Extra: {description: More., type: object, properties: {note: {type: string, x-absent: null}}}\n"

    assert problems(write_project(tmp_path, extra=extra)) == [
        f"{ANSWER}: Extra.note: absent reads as null anyway; leave x-absent out"
    ]


@pytest.mark.parametrize(
    "name", ["self", "timeout", "deadline", "max_retries", "extra_headers", "extra_query", "extra_body"]
)
def test_arguments_that_every_method_has(tmp_path: Path, name: str) -> None:
    """A parameter called like an option of a call would be a second argument of that name."""
    ask = ASK_YAML.replace("question:", f"{name}:").replace("[question]", f"[{name}]")
    spec = ROOT_YAML.replace("topic", name)

    assert problems(write_project(tmp_path / "body", ask=ask)) == [
        f"{ASK}: AskParams.{name}: {name!r} is a reserved name; write `x-python-name: {name}_`, say"
    ]
    assert f"the parameter {name!r} is called as an option of each call; leave it to extra_query" in "".join(
        problems(write_project(tmp_path / "path", spec=spec))
    )


def test_arguments_have_python_names(tmp_path: Path) -> None:
    """A property of a request body becomes an argument, which may be called otherwise."""
    ask = ASK_YAML.replace("question:", "from:").replace("[question]", "[from]")
    named = ask.replace("description: The question.", "x-python-name: from_, description: The question.")

    assert problems(write_project(tmp_path, ask=named)) == []
    assert problems(write_project(tmp_path, ask=ask)) == [
        f"{ASK}: AskParams.from: 'from' is a reserved name; write `x-python-name: from_`, say"
    ]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("      operationId: ask\n", "", "it has no operationId; write one"),
        ("      summary: Ask a question.\n", "", "it has no summary; write one"),
        (
            "      x-group: questions\n",
            "",
            "x-group '' is no place on a client; write names joined by dots: `chat.completions`",
        ),
        ("x-method: ask", "x-method: Ask", "x-method 'Ask' is no method name; write a name such as `create`"),
        (
            "x-method: ask",
            "x-method: ask\n      x-gruop: a",
            "the extension x-gruop is unknown; write one of x-group, x-method, x-providers, x-reply, x-stream",
        ),
        (
            '{$ref: "schemas/ask.yaml#/AskParams"}',
            "{type: object}",
            "the request body is no reference in application/json; name its schema and refer to it",
        ),
        (
            '{$ref: "schemas/answer.yaml#/Answer"}',
            "{type: object}",
            "the 200 reply is no reference in application/json; name its schema and refer to it",
        ),
        (
            "x-method: ask",
            "x-method: ask\n      x-stream: Piece",
            "x-stream names 'Piece', which is no schema; correct the name",
        ),
        (
            "x-method: ask",
            "x-method: ask\n      x-reply: Answer",
            "x-reply repeats the reference of the reply; leave it out",
        ),
        (
            "/ask/{topic}:",
            "/ask/{subject}/{topic}:",
            "the path parameter 'subject' is in the path or described, not both; make them agree",
        ),
        (
            "description: What it is about., ",
            "",
            "the parameter 'topic' has no description; write one",
        ),
        (
            "x-method: ask",
            "x-method: ask\n      x-providers: [other]",
            "x-providers ['other'] names none or an unknown provider; write a list of some of openai, openrouter",
        ),
    ],
)
def test_operations(tmp_path: Path, old: str, new: str, problem: str) -> None:
    """What is wrong with an operation is said with its method and path."""
    found = problems(write_project(tmp_path, spec=ROOT_YAML.replace(old, new)))

    assert f"{ROOT}: POST {'/ask/{subject}/{topic}' if 'subject' in new else '/ask/{topic}'}: {problem}" in found


def test_parameters_are_judged_too(tmp_path: Path) -> None:
    """Providers, schemas and examples of parameters follow the same rules."""
    parameter = (
        "{name: size, in: query, description: How much., x-providers: [other], example: many, "
        "schema: {type: integer, nullable: true}}"
    )
    spec = ROOT_YAML.replace("      requestBody:", f"        - {parameter}\n      requestBody:")

    assert problems(write_project(tmp_path, spec=spec)) == [
        (
            f"{ROOT}: POST /ask/{{topic}}.example: the example does not fit: 'many' is not of type 'integer'; "
            "correct one of them"
        ),
        (
            f"{ROOT}: POST /ask/{{topic}}.size: `nullable` is OpenAPI 3.0; "
            'write `type: [string, "null"]`, or `anyOf` with `type: "null"`'
        ),
        (
            f"{ROOT}: POST /ask/{{topic}}.size: x-providers ['other'] names none or an unknown provider; "
            "write a list of some of openai, openrouter"
        ),
    ]


def test_examples_of_bodies_are_judged(tmp_path: Path) -> None:
    """An example of a request or an answer, named or not, fits its schema."""
    spec = ROOT_YAML.replace(
        'schema: {$ref: "schemas/ask.yaml#/AskParams"}',
        'schema: {$ref: "schemas/ask.yaml#/AskParams"}\n            example: {mood: sad}',
    ).replace(
        'schema: {$ref: "schemas/answer.yaml#/Answer"}',
        'schema: {$ref: "schemas/answer.yaml#/Answer"}\n              examples: {short: {value: {}}}',
    )

    assert problems(write_project(tmp_path, spec=spec)) == [
        (
            f"{ROOT}: POST /ask/{{topic}}.example: the example does not fit: 'question' is a required property; "
            "correct one of them"
        ),
        (
            f"{ROOT}: POST /ask/{{topic}}.examples.short: the example does not fit: 'text' is a required property; "
            "correct one of them"
        ),
    ]


def test_operations_do_not_share_names(tmp_path: Path) -> None:
    """An operationId is there once, and a client has each method once."""
    start = ROOT_YAML.index("  /ask/{topic}:")
    spec = ROOT_YAML + ROOT_YAML[start:].replace("/ask/{topic}", "/again/{topic}")

    found = problems(write_project(tmp_path, spec=spec))

    place = f"{ROOT}: POST /again/{{topic}}"
    assert f"{place}: it has the operationId of POST /ask/{{topic}}; give it another" in found
    assert f"{place}: openai has questions.ask from POST /ask/{{topic}} too; change x-method" in found


def test_document_is_openapi(tmp_path: Path) -> None:
    """What OpenAPI 3.1 does not allow is named with its path in the bundle."""
    spec = ROOT_YAML.replace("description: The answer.", "summary: The answer.")

    place = f"{ROOT}: paths./ask/{{topic}}.post.responses.200"
    assert f"{place}: not OpenAPI 3.1: 'description' is a required property; correct it" in problems(
        write_project(tmp_path, spec=spec)
    )


def test_list_of_requirements_is_exact(tmp_path: Path) -> None:
    """An entry of x-required that no reply requires is an error."""
    spec = ROOT_YAML.replace("Answer.text: It is", "Answer.mood: It was")

    assert problems(write_project(tmp_path, spec=spec)) == [
        (
            f"{ANSWER}: Answer.text: a reply without it would be lost; leave it out of `required`, or list it with the reason "
            "in `x-required` of spec/twinwire.yaml"
        ),
        f"{ROOT}: x-required.Answer.mood: no reply requires it; remove the entry",
    ]


@pytest.mark.parametrize(
    ("extra", "problem"),
    [
        (
            UNTAGGED,
            f"{ANSWER}: Extra: several objects without a discriminator; name the property that tells them apart",
        ),
        (
            TAGGED.replace("propertyName: type", "propertyName: kind"),
            f"{ANSWER}: Extra: Left has no 'kind' with a `const` or an `enum` of texts; give it one",
        ),
        (
            TAGGED.replace("enum: [right]", "enum: [left]"),
            f"{ANSWER}: Extra: Right and Left have the same type 'left'; give them different ones",
        ),
        (
            TAGGED.replace("right: ", "wrong: "),
            (
                f"{ANSWER}: Extra: the mapping differs from the members' tags: right, wrong; "
                "make them agree, or leave the mapping out"
            ),
        ),
        (
            TAGGED.replace("Another., required: [type]", "Another."),
            f"{ANSWER}: Extra: Right does not require the tag 'type'; require it, or write `x-default` with its type",
        ),
        (
            TAGGED.replace("propertyName", "x-default: right, propertyName"),
            f"{ANSWER}: Extra: x-default 'right' is no tag of a member that may leave it out; correct it, or leave it out",
        ),
        (
            "Extra: {type: string, discriminator: {propertyName: type}}",
            f"{ANSWER}: Extra: a discriminator without a union; write `oneOf`, or leave it out",
        ),
        (
            'Extra: {anyOf: [{type: array, items: {type: string}}, {type: array, items: {$ref: "#/Mood"}}]}',
            f"{ANSWER}: Extra: several members are a JSON array, so a reply cannot be told apart; merge them",
        ),
        (
            'Extra: {anyOf: [{$ref: "#/Answer"}, {type: [object, "null"]}]}',
            f"{ANSWER}: Extra: several members are a JSON object, so a reply cannot be told apart; merge them",
        ),
    ],
)
def test_unions(tmp_path: Path, extra: str, problem: str) -> None:
    """The members of a union are told apart by a tag or by their JSON kind."""
    assert problem in problems(write_project(tmp_path, extra=extra))


@pytest.mark.parametrize(
    "extra",
    [
        TAGGED,
        TAGGED.replace(', mapping: {left: "#/Left", right: "#/Right"}', ""),
        TAGGED.replace("One., required: [type]", "One.").replace("propertyName", "x-default: left, propertyName"),
        TAGGED.replace('  oneOf: [{$ref: "#/Left"}', '  oneOf: [{type: "null"}, {$ref: "#/Left"}'),
        'Extra: {description: A mix., anyOf: [{type: string}, {type: number}, {type: array, items: {type: string}}, {$ref: "#/Answer"}]}',
    ],
)
def test_unions_in_order(tmp_path: Path, extra: str) -> None:
    """Distinct tags, one member without a tag, and members of different kinds are all in order."""
    assert problems(write_project(tmp_path, extra=extra)) == []
