"""A small project to generate from: one operation, one request, one reply, and what a test changes in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codegen.lint import lint
from codegen.load import load

if TYPE_CHECKING:
    from pathlib import Path

ROOT_YAML = """
openapi: 3.1.0
info: {title: test, version: "1"}
servers:
  - {url: "https://one.example/v1", x-providers: [openai]}
  - {url: "https://two.example/v1", x-providers: [openrouter]}
x-clients:
  openai: {class: OpenAI, key_variable: ONE_KEY, base_url_variable: ONE_URL, description: Talks to one., options: {}}
  openrouter: {class: OpenRouter, key_variable: TWO_KEY, description: Talks to another., options: {}}
x-required:
  Answer.text: It is the answer.
paths:
  /ask/{topic}:
    post:
      operationId: ask
      x-group: questions
      x-method: ask
      summary: Ask a question.
      parameters:
        - {name: topic, in: path, required: true, description: What it is about., schema: {type: string}}
      requestBody:
        content:
          application/json:
            schema: {$ref: "schemas/ask.yaml#/AskParams"}
      responses:
        "200":
          description: The answer.
          content:
            application/json:
              schema: {$ref: "schemas/answer.yaml#/Answer"}
"""

ASK_YAML = """
AskParams:
  type: object
  required: [question]
  properties:
    question: {type: string, description: The question.}
    mood: {$ref: "answer.yaml#/Mood"}
    extra: {$ref: "#/ExtraParam"}
"""

EXTRA_PARAM_YAML = """
ExtraParam:
  type: object
  description: More to say.
  required: [kind]
  properties:
    kind: {type: string, const: more}
    words: {type: array, items: {type: string}}
"""

ANSWER_YAML = """
Answer:
  type: object
  description: The answer.
  required: [text]
  properties:
    text: {type: string, description: What was answered.}
    mood: {$ref: "#/Mood"}
    extra_part: {$ref: "#/Extra"}
  example: {text: Yes., mood: merry}

Mood:
  description: How it was said.
  type: string
  enum: [merry, sad]
"""

EXTRA_YAML = """
Extra:
  type: object
  description: A part of it.
  properties:
    note: {type: string}
"""


def write_project(
    root: Path,
    *,
    spec: str = ROOT_YAML,
    ask: str = ASK_YAML,
    extra_param: str = EXTRA_PARAM_YAML,
    answer: str = ANSWER_YAML,
    extra: str = EXTRA_YAML,
) -> Path:
    """Write the spec of the project at *root*, with the given files or schemas in place of the usual ones."""
    schemas = root / "spec" / "schemas"
    schemas.mkdir(parents=True, exist_ok=True)
    (root / "spec" / "twinwire.yaml").write_text(spec, encoding="utf-8")
    (schemas / "ask.yaml").write_text(ask + extra_param, encoding="utf-8")
    (schemas / "answer.yaml").write_text(answer + extra, encoding="utf-8")
    return root


def problems(root: Path) -> list[str]:
    """What the lint says of the project at *root*."""
    return [str(problem) for problem in lint(load(root))]
