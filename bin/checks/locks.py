"""Lock files name hashes, never where a package comes from."""

import re
import sys
from pathlib import Path

# A package's own lines need no option but its hashes: whatever else is there leads pip somewhere.
ADDRESS_OR_OPTION = re.compile(r"\w://|(^|\s)-(?!-hash=sha256:)")
COMMENT = r"(^|\s)#.*"


def main() -> int:
    """Print every address, every option and every unhashed package; return 1 when there is one."""
    wrong = []
    for lock in sorted(Path("requirements").glob("*.txt")):
        text = lock.read_text().replace("\\\n", " ")
        for line in text.splitlines():
            if ADDRESS_OR_OPTION.search(re.sub(COMMENT, "", line)):
                wrong.append(f"{lock}: holds an address or an option: {line.strip()[:80]}")
            if re.match(r"[A-Za-z0-9]", line) and "--hash=sha256:" not in line:
                wrong.append(f"{lock}: has no hash: {line.strip()[:80]}")
    package_lock = Path("package-lock.json")
    if package_lock.exists():
        text = package_lock.read_text()
        wrong += [
            f"{package_lock}: {found}" for found in sorted(set(re.findall(r'"resolved": "[^"]+"', text)))[:5]
        ]
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
