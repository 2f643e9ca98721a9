"""Adds up test results: `tally.py FOLDER` prints "N passed, N failed" of the XML files in it."""

import sys
from pathlib import Path
from xml.etree import ElementTree


def main(folder: Path) -> None:
    passed = failed = skipped = 0
    for report in sorted(folder.glob("*.xml")):
        for suite in ElementTree.parse(report).getroot().iter("testsuite"):
            total, bad, skips = (
                int(suite.get("tests", 0)),
                int(suite.get("failures", 0)) + int(suite.get("errors", 0)),
                int(suite.get("skipped", 0)),
            )
            passed += total - bad - skips
            failed += bad
            skipped += skips
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
