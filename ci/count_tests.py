"""Counts test cases: `count_tests.py junit FILE` or `count_tests.py rows FILE` prints `PASSED FAILED`.

junit is what ctest --output-junit writes; rows is what a command's --json writes. What did not pass is named
on standard error. A skipped or disabled test has failed: nobody ran it. One exception: a test that skips for want of
data from outside the repository, and says `set JACQUARD_...`, is named and counted neither way. A file with no test
is an error.
"""
import json
import re
import sys
import xml.etree.ElementTree as tree


OUTSIDE = re.compile(r"set JACQUARD_\w+ to [^\n<]+")


def from_junit(path):
    for case in tree.parse(path).getroot().iter("testcase"):
        reason = case.get("status", "run")
        if reason == "notrun" and OUTSIDE.search("".join(case.itertext())):
            print(f"NOT RUN {case.get('name')}: {OUTSIDE.search(''.join(case.itertext()))[0]}", file=sys.stderr)
            continue
        yield case.get("name", "?"), reason == "run" and case.find("failure") is None, reason


def from_rows(path):
    with open(path, encoding="utf-8") as rows:
        for line in rows:
            row = json.loads(line)
            if "verdict" in row:
                yield row["name"], row["verdict"] in ("holds", "PASS"), row["verdict"]


def main(kind, path):
    try:
        cases = list({"junit": from_junit, "rows": from_rows}[kind](path))
    except (OSError, tree.ParseError, ValueError, KeyError) as error:
        print(f"{path}: no results to count: {error}", file=sys.stderr)
        return 1
    if not cases:
        print(f"{path}: not one test ran", file=sys.stderr)
        return 1
    bad = [(name, reason) for name, ok, reason in cases if not ok]
    for name, reason in bad[:40]:
        print(f"FAILED {name} ({reason})", file=sys.stderr)
    if len(bad) > 40:
        print(f"... and {len(bad) - 40} more in {path}", file=sys.stderr)
    print(len(cases) - len(bad), len(bad))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
