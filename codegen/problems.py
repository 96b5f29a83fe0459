"""What can be wrong with the spec, and how it is said: file, place, what is wrong, remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence


@frozen(order=True)
class Problem:
    """One thing that is wrong in one place of the spec."""

    file: str
    """Relative to the project, with forward slashes: `spec/schemas/messages.yaml`."""
    place: str
    """Where in it: `Name.property`, or `POST /path`."""
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}: {self.place}: {self.message}; {self.remedy}"


class SpecError(Exception):
    """The spec cannot be read or turned into code; *problems* says everything that was found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
