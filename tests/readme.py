"""Holds the README to what its command really prints: `python tests/readme.py OUTPUT`.

The fenced block after `<!-- ci: output -->` must stand in the output line for line; `…` stands for any lines.
"""

from __future__ import annotations

import sys
from pathlib import Path


def block(text: str, mark: str) -> list[str]:
    """The lines of the fenced block that follows the mark."""
    after = text.partition(f"<!-- ci: {mark} -->")[2]
    return after.split("```")[1].splitlines()[1:]


def follows(shown: list[str], real: list[str]) -> str | None:
    """None if every shown line stands in the real output in this order, else the first that does not."""
    position = 0
    for line in shown:
        if line.strip() == "…":
            continue
        try:
            position = real.index(line.rstrip(), position) + 1
        except ValueError:
            return line
    return None


def main() -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    real = [line.rstrip() for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    missing = follows(block(readme, "output"), real)
    if missing is not None:
        sys.exit(f"the README shows a line that the command does not print: {missing!r}")


if __name__ == "__main__":
    main()
