"""Every package of the product has a licence of the list; those named apart were judged one by one."""

import json
import re
import sys
from importlib import metadata
from pathlib import Path

# As packages write them: SPDX names, names of PyPI's classifiers, and common ways of saying the same.
_NAMES = frozenset(Path(__file__).with_name("licences.txt").read_text().lower().splitlines())
# Name → why it is allowed although its licence is not on the list.
JUDGED = {
    "llvmlite": "BSD-2-Clause; its LLVM is Apache-2.0 with an exception that only gives more",
    "scipy": "BSD-3-Clause; says so at length, since it names those of its parts",
    "psycopg": "LGPL-3.0, imported and replaceable",
    "psycopg-binary": "LGPL-3.0, imported and replaceable; bundles libpq and OpenSSL",
    "qrcode": "BSD-3-Clause; its second classifier is for the BSD-like licence of a part it took over",
    "psycopg-pool": "LGPL-3.0, imported and replaceable",
}


def main() -> int:
    """Print every package whose licence is not allowed and return 1 when there is one."""
    wrong = [*_python(Path("requirements/run.txt")), *_browser(Path("package-lock.json"))]
    for line in wrong:
        print(line)
    return 1 if wrong else 0


def _python(lock: Path) -> list[str]:
    wrong = []
    for name in re.findall(r"^([A-Za-z0-9._-]+)==", lock.read_text(), re.MULTILINE):
        if name in JUDGED:
            continue
        try:
            said = _licences(metadata.metadata(name))
        except metadata.PackageNotFoundError:
            wrong.append(f"{name} is locked but not installed; its licence cannot be read")
            continue
        if not said or not all(_allowed(one) for one in said):
            wrong.append(f"{name}: {' / '.join(said) or 'says nothing about its licence'}")
    return wrong


def _licences(package: "metadata.PackageMetadata") -> list[str]:
    expression = package.get("License-Expression")
    if expression:
        return [expression]
    classified = [
        entry.rpartition(" :: ")[2]
        for entry in package.get_all("Classifier") or []
        if entry.startswith("License :: ")
    ]
    free = (package.get("License") or "").strip().splitlines()
    return [entry for entry in classified if entry != "OSI Approved"] or free[:1]


def _allowed(expression: str) -> bool:
    # AND demands every part; of an OR one part is enough.
    return bool(expression) and all(
        any(_known(choice) for choice in re.split(r"\sOR\s", part))
        for part in re.split(r"\sAND\s", expression)
    )


def _known(name: str) -> bool:
    return name.strip().lower() in _NAMES or name.strip(" ()").lower() in _NAMES


def _browser(lock: Path) -> list[str]:
    if not lock.exists():
        return []
    packages = json.loads(lock.read_text())["packages"]
    return [
        f"{name.removeprefix('node_modules/')}: {entry.get('license', 'says nothing about its licence')}"
        for name, entry in packages.items()
        if name and not _allowed(entry.get("license", ""))
    ]


if __name__ == "__main__":
    sys.exit(main())
