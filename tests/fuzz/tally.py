"""What was asked, and what came back."""

from collections import Counter
from dataclasses import dataclass, field

from schemathesis.core.transport import Response


@dataclass
class Tally:
    """By operation: how often each status came, with the code of a problem."""

    answers: dict[str, Counter[str]] = field(default_factory=dict)

    def note(self, operation: str, answer: Response) -> None:
        code = answer.json()["code"] if answer.status_code >= 400 else ""
        self.answers.setdefault(operation, Counter())[f"{answer.status_code} {code}".strip()] += 1

    @property
    def cases(self) -> int:
        return sum(found.total() for found in self.answers.values())

    @property
    def successes(self) -> int:
        return sum(self.successes_of(operation) for operation in self.answers)

    def successes_of(self, operation: str) -> int:
        found = self.answers[operation]
        return sum(count for answer, count in found.items() if answer.startswith("2"))

    def __str__(self) -> str:
        lines = [f"{name}: {dict(found.most_common())}" for name, found in self.answers.items()]
        return "\n".join((*lines, f"{self.successes} of {self.cases} succeeded"))
