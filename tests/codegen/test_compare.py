"""How two specs differ, place by place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from codegen.compare import Difference, compare

if TYPE_CHECKING:
    from codegen.document import JsonObject

Row = tuple[str, str, str, str]


def document(*, schemas: str, parameters: str = "[]", path: str = "/ask/{topic}") -> JsonObject:
    """A spec of one operation, whose body is `Ask`, whose reply is `Answer` and whose events are `Answer` too."""
    operation: dict[str, Any] = {
        "parameters": yaml.safe_load(parameters),
        "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Ask"}}}},
        "responses": {
            "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}}},
        },
    }
    defaults = {"Ask": {"type": "object"}, "Answer": {"type": "object"}}
    return {"paths": {path: {"post": operation}}, "components": {"schemas": defaults | yaml.safe_load(schemas)}}


def differences(ours: str, theirs: str) -> list[Row]:
    found = compare(document(schemas=ours), document(schemas=theirs), "openai")
    return [row(difference) for difference in found]


def row(difference: Difference) -> Row:
    return difference.aspect, difference.direction, difference.where, difference.what


def asks(properties: str, rest: str = "", required: str = "[]") -> str:
    return f"Ask: {{type: object, required: {required}, properties: {{{properties}}}}}\n{rest}"


TEXT = "Text: {type: object, required: [type], properties: {type: {type: string, const: text}, text: {type: string}}}\n"
IMAGE = (
    "Image: {type: object, required: [type], properties: {type: {type: string, const: image}, url: {type: string}}}\n"
)
PARTS = 'p: {oneOf: [{$ref: "#/components/schemas/Text"}, {$ref: "#/components/schemas/Image"}]}'

CASES: list[tuple[str, str, str, list[Row]]] = [
    ("nothing", asks("a: {type: string}"), asks("a: {type: string}"), []),
    ("property of theirs", asks("a: {}"), asks("a: {}, b: {}"), [("property", "missing", "Ask", "b")]),
    ("property of ours", asks("a: {}, b: {}"), asks("a: {}"), [("property", "extra", "Ask", "b")]),
    ("required by them", asks("a: {}"), asks("a: {}", required="[a]"), [("required", "missing", "Ask", "a")]),
    ("required by us", asks("a: {}", required="[a]"), asks("a: {}"), [("required", "extra", "Ask", "a")]),
    (
        "a kind of theirs",
        asks("a: {type: string}"),
        asks("a: {type: [string, integer]}"),
        [("type", "missing", "Ask.a", "integer")],
    ),
    (
        "a kind of ours",
        asks('a: {type: [string, "null"]}'),
        asks("a: {type: string}"),
        [("type", "extra", "Ask.a", "null")],
    ),
    ("null of OpenAPI 3.0", asks('a: {type: [string, "null"]}'), asks("a: {type: string, nullable: true}"), []),
    ("null as a branch", asks('a: {type: [string, "null"]}'), asks('a: {anyOf: [{type: string}, {type: "null"}]}'), []),
    ("null among values", asks('a: {type: [string, "null"], enum: [x, null]}'), asks("a: {enum: [x, null]}"), []),
    ("whole numbers are numbers", asks("a: {type: number}"), asks("a: {anyOf: [{type: number}, {type: integer}]}"), []),
    (
        "fractions are not whole",
        asks("a: {type: integer}"),
        asks("a: {type: number}"),
        [("type", "missing", "Ask.a", "number")],
    ),
    ("anything of theirs", asks("a: {type: string}"), asks("a: {}"), [("type", "missing", "Ask.a", "*")]),
    ("anything of ours", asks("a: {}"), asks("a: {type: string}"), [("type", "extra", "Ask.a", "*")]),
    (
        "a value of theirs",
        asks("a: {type: string, enum: [x]}"),
        asks("a: {type: string, enum: [x, y]}"),
        [("value", "missing", "Ask.a", "y")],
    ),
    (
        "a value of ours",
        asks("a: {type: string, enum: [x, y]}"),
        asks("a: {type: string, const: x}"),
        [("value", "extra", "Ask.a", "y")],
    ),
    (
        "values of theirs only",
        asks("a: {type: string}"),
        asks("a: {type: string, enum: [x]}"),
        [("value", "missing", "Ask.a", "*")],
    ),
    (
        "values of ours only",
        asks("a: {type: string, enum: [x]}"),
        asks("a: {type: string}"),
        [("value", "extra", "Ask.a", "*")],
    ),
    ("values that are only known", asks("a: {type: string}"), asks("a: {anyOf: [{type: string}, {enum: [x]}]}"), []),
    (
        "known values of theirs",
        asks("a: {type: string, enum: [x, z]}"),
        asks("a: {anyOf: [{type: string}, {enum: [x, y]}]}"),
        [("value", "missing", "Ask.a", "y")],
    ),
    (
        "in a list",
        asks("a: {type: array, items: {type: string}}"),
        asks("a: {type: array, items: {type: integer}}"),
        [("type", "extra", "Ask.a[]", "string"), ("type", "missing", "Ask.a[]", "integer")],
    ),
    (
        "in a map",
        asks("a: {type: object, additionalProperties: {type: string}}"),
        asks("a: {type: object, additionalProperties: {type: string, nullable: true}}"),
        [("type", "missing", "Ask.a{}", "null")],
    ),
    (
        "free keys of theirs",
        asks("a: {$ref: Text}", TEXT),
        asks("a: {type: object}"),
        [("property", "extra", "Ask.a", "*")],
    ),
    (
        "free keys of ours",
        asks("a: {type: object}"),
        asks("a: {$ref: Text}", TEXT),
        [("property", "missing", "Ask.a", "*")],
    ),
    (
        "allOf of theirs",
        asks("a: {$ref: Both}", "Both: {properties: {x: {}, y: {}}, required: [y]}"),
        asks(
            "a: {allOf: [{$ref: X}, {description: Both., properties: {y: {}}, required: [y]}]}",
            "X: {properties: {x: {}}}",
        ),
        [],
    ),
    (
        "allOf for a description",
        asks("a: {type: string}"),
        asks("a: {allOf: [{$ref: X}], description: Words.}", "X: {type: string}"),
        [],
    ),
    (
        "allOf around a union",
        asks(PARTS, TEXT + IMAGE),
        asks(PARTS.replace("{oneOf", "{type: object, description: One., oneOf"), TEXT + IMAGE),
        [],
    ),
    (
        "branches that only require",
        asks("a: {$ref: T}", "T: {type: object, properties: {x: {}, y: {}}}"),
        asks("a: {type: object, properties: {x: {}, y: {}}, anyOf: [{required: [x]}, {required: [y]}]}"),
        [],
    ),
    (
        "a member of theirs",
        asks("p: {$ref: Text}", TEXT),
        asks(PARTS, TEXT + IMAGE),
        [("member", "missing", "Ask.p", "image")],
    ),
    (
        "a member of ours",
        asks(PARTS, TEXT + IMAGE),
        asks("p: {$ref: Text}", TEXT),
        [("member", "extra", "Ask.p", "image")],
    ),
    (
        "another member",
        asks("p: {$ref: Text}", TEXT),
        asks("p: {$ref: Image}", IMAGE),
        [("member", "extra", "Ask.p", "text"), ("member", "missing", "Ask.p", "image")],
    ),
    (
        "members by tag",
        asks(PARTS, TEXT + IMAGE),
        asks(PARTS, (TEXT + IMAGE).replace("url: ", "alt: {}, url: ")),
        [("property", "missing", "Image", "alt")],
    ),
    (
        "members without tags",
        asks("p: {anyOf: [{$ref: A}, {$ref: B}]}", "A: {properties: {x: {}, y: {}}}\nB: {properties: {z: {}}}"),
        asks("p: {anyOf: [{properties: {z: {}, w: {}}}, {properties: {x: {}, y: {}}}]}"),
        [("property", "missing", "B", "w")],
    ),
    (
        "a member that has nothing in common",
        asks("p: {anyOf: [{$ref: A}, {$ref: B}]}", "A: {properties: {x: {}}}\nB: {properties: {z: {}}}"),
        asks("p: {anyOf: [{properties: {x: {}}}, {properties: {q: {}}}]}"),
        [("member", "extra", "Ask.p", "B"), ("member", "missing", "Ask.p", "Ask.p|1")],
    ),
    (
        "one of ours for two of theirs",
        asks("a: {$ref: One}, b: {$ref: One}", "One: {properties: {x: {}, y: {}, z: {}}, required: [x]}"),
        asks("a: {properties: {x: {}}, required: [x]}, b: {properties: {x: {}, y: {}, w: {}}}"),
        [("property", "extra", "One", "z"), ("property", "missing", "One", "w"), ("required", "extra", "One", "x")],
    ),
    (
        "what holds itself",
        asks("a: {$ref: Tree}", "Tree: {properties: {twigs: {type: array, items: {$ref: Tree}}}}"),
        asks("a: {$ref: Tree}", "Tree: {properties: {twigs: {type: array, items: {$ref: Tree}}, leaf: {}}}"),
        [("property", "missing", "Tree", "leaf")],
    ),
    ("of the other provider", asks("b: {}, a: {x-providers: [openrouter]}"), asks("b: {}"), []),
    (
        "of the other provider by its type",
        asks("b: {}, a: {$ref: Text}", TEXT.replace("{type: object", "{x-providers: [openrouter], type: object", 1)),
        asks("b: {}"),
        [],
    ),
    ("true for anything", asks("a: {}"), asks("a: true"), []),
    ("what is not there", asks("a: {$ref: Nowhere}"), asks("a: {}"), [("type", "missing", "Ask.a", "*")]),
]


@pytest.mark.parametrize(("ours", "theirs", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_places_are_compared(ours: str, theirs: str, expected: list[Row]) -> None:
    """Each difference says what, where in ours, and which of the two lacks it."""
    assert differences(ours, theirs) == expected


def test_replies_are_compared_too() -> None:
    """A difference knows its side; on a reply our values are open."""
    ours = document(schemas="Answer: {properties: {a: {type: string, enum: [x]}, b: {}}}")
    theirs = document(schemas="Answer: {properties: {a: {type: string}}}")
    (found,) = compare(ours, theirs, "openai")

    assert (*row(found), found.side, found.upstream) == ("property", "extra", "Answer", "b", "reply", "Answer")


def test_parameters_go_by_location() -> None:
    """Those of the path by their place, the others by name; references are followed."""
    ours = document(
        schemas="{}",
        path="/ask/{topic}",
        parameters="[{name: topic, in: path, required: true, schema: {type: string}},"
        " {name: size, in: query, schema: {type: integer}}, {name: here, in: query, x-providers: [openrouter]}]",
    )
    theirs = document(
        schemas="{}",
        path="/ask/{subject}",
        parameters='[{name: subject, in: path, required: true, schema: {type: string}}, {$ref: "#/components/parameters/Size"},'
        " {name: X-Trace, in: header}]",
    )
    theirs["components"]["parameters"] = {
        "Size": {"name": "size", "in": "query", "required": True, "schema": {"type": "integer"}}
    }

    assert [row(found) for found in compare(ours, theirs, "openai")] == [
        ("parameter", "missing", "POST /ask/{} header", "X-Trace"),
        ("required", "missing", "POST /ask/{} query", "size"),
    ]


def test_an_operation_that_upstream_lacks_is_told() -> None:
    """Ours is then somebody's invention, or theirs has gone."""
    found = compare(document(schemas="{}"), {"paths": {}}, "openai")

    assert [row(difference) for difference in found] == [("operation", "extra", "POST /ask/{}", "POST /ask/{}")]


def test_a_part_that_only_one_describes_is_told() -> None:
    """Nothing is passed over because the other side has nothing to compare."""
    ours, theirs = document(schemas="{}"), document(schemas="{}")
    ours["paths"]["/ask/{topic}"]["post"]["x-stream"] = "Answer"
    del ours["paths"]["/ask/{topic}"]["post"]["requestBody"]

    assert [row(found) for found in compare(ours, theirs, "openai")] == [
        ("operation", "extra", "POST /ask/{}", "event"),
        ("operation", "missing", "POST /ask/{}", "body"),
    ]


def test_the_envelope_of_an_event_is_looked_through() -> None:
    """Some specs describe the server-sent event around the chunk."""
    ours, theirs = (
        document(schemas="{Chunk: {properties: {x: {}}}}"),
        document(schemas="{Event: {properties: {data: {properties: {x: {}, y: {}}}}}}"),
    )
    ours["paths"]["/ask/{topic}"]["post"]["x-stream"] = "Chunk"
    content = theirs["paths"]["/ask/{topic}"]["post"]["responses"]["200"]["content"]
    content["text/event-stream"] = {"schema": {"$ref": "Event"}}

    assert [row(found) for found in compare(ours, theirs, "openai")] == [("property", "missing", "Chunk", "y")]
