"""No function over 40 lines, no file over 400; the five longest are printed, so that ageing shows early."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

LONGEST_FUNCTION = 40
LONGEST_FILE = 400
KINDS = (".py", ".ts", ".css", ".html", ".sh", ".mjs")
# Made by tools, not by people.
LEFT_OUT = ("/migrations/", "/static/", "node_modules/", "/vendor/")


def main() -> int:
    """Print the longest and return 1 when one is over its budget."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=True,
    )
    files = [Path(name) for name in listed.stdout.splitlines() if name.endswith(KINDS)]
    files = [file for file in files if file.exists() and not any(part in f"/{file}" for part in LEFT_OUT)]
    lengths = sorted(((len(file.read_text().splitlines()), str(file)) for file in files), reverse=True)
    functions = sorted(
        (found for file in files if file.suffix == ".py" for found in _functions(file)), reverse=True
    )
    too_long = _show("files", lengths, LONGEST_FILE) + _show("functions", functions, LONGEST_FUNCTION)
    return 1 if too_long else 0


def _functions(file: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(file.read_text(), str(file))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            yield node.end_lineno - node.lineno + 1, f"{file}:{node.lineno} {node.name}"


def _show(what: str, measured: list[tuple[int, str]], budget: int) -> int:
    over = [entry for entry in measured if entry[0] > budget]
    print(f"longest {what} (budget {budget}):")
    for lines, name in over or measured[:5]:
        print(f"  {lines:>4}  {name}{'  ← over' if lines > budget else ''}")
    return len(over)


if __name__ == "__main__":
    sys.exit(main())
