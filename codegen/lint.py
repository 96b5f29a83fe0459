"""`python -m codegen lint`: what the spec must hold to so that what is generated from it is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codegen.lint_examples import example_problems, openapi_problems
from codegen.lint_operations import operation_problems, provider_problems
from codegen.lint_schemas import schema_problems
from codegen.lint_unions import union_problems

if TYPE_CHECKING:
    from codegen.load import Spec
    from codegen.problems import Problem


def lint(spec: Spec) -> list[Problem]:
    """Everything that is wrong with *spec*, sorted; nothing if it is in order."""
    problems = [
        *operation_problems(spec),
        *provider_problems(spec),
        *schema_problems(spec),
        *union_problems(spec),
        *openapi_problems(spec),
        *example_problems(spec),
    ]
    return sorted(set(problems))
