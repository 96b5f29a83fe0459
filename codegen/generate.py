"""All generated files of one spec."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codegen import clients, types
from codegen.output import finished

if TYPE_CHECKING:
    from codegen.load import Spec


def generated(spec: Spec) -> dict[str, str]:
    """The contents of every generated file by its path in the project."""
    return finished({**types.render(spec), **clients.render(spec)})
