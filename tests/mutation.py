"""What mutmut has found, module by module, as a table for docs/quality.md.

A mutant that made a loop endless is dead as well: it is counted apart, by its own column.
"""

import json
from collections import Counter
from pathlib import Path

from mutmut.stats import status_by_exit_code

ROOT = Path(__file__).parents[1] / "mutants"
COLUMNS = ("killed", "timeout", "survived")


def counted(meta: Path) -> Counter[str]:
    """How many mutants of one module came to which end."""
    codes = json.loads(meta.read_text("utf-8"))["exit_code_by_key"].values()
    return Counter(status_by_exit_code[code] for code in codes)


def row(name: str, found: Counter[str]) -> str:
    total = found.total()
    dead = found["killed"] + found["timeout"]
    cells = [name, str(total), *(str(found[column]) for column in COLUMNS)]
    return f"| {' | '.join(cells)} | {100 * dead / total:.1f} % |"


def main() -> None:
    print("| module | mutants | killed | endless | survived | dead |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    whole: Counter[str] = Counter()
    for meta in sorted(ROOT.rglob("*.py.meta")):
        found = counted(meta)
        if found:
            whole += found
            print(row(f"`{meta.relative_to(ROOT).with_suffix('')}`", found))
    print(row("together", whole))


if __name__ == "__main__":
    main()
