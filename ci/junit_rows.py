"""`junit_rows.py JUNIT ROWS`: ctest's results as rows, one JSON object a line, behind an env record.

A row's figure is the number of cases that rapidcheck tried, where the output says it, otherwise 1. Exit: 0 all
held, 1 something was found, 3 there are no results.
"""
import datetime
import hashlib
import json
import os
import re
import sys
import xml.etree.ElementTree as tree


def rows(path):
    for case in tree.parse(path).getroot().iter("testcase"):
        text = "".join(case.itertext())
        tried = [int(n) for n in re.findall(r"passed (\d+) tests", text)]
        status = case.get("status", "run")
        held = status == "run" and case.find("failure") is None
        broken = re.search(r"^.*(?:Falsifiable|Failure\n).*$", text, re.M)
        yield {"name": case.get("name"), "verdict": "holds" if held else "BROKEN", "figure": sum(tried) or 1,
               "unit": "cases" if tried else "runs", "seconds": float(case.get("time", "0")),
               "detail": "" if held else (broken[0].strip() if broken else status),
               "repeat": f"ctest --test-dir build/release -R '^{re.escape(case.get('name'))}$'"}


def env():
    settings = f"JACQUARD_CASES={os.environ.get('JACQUARD_CASES', '')} preset=release"
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"kind": "env", "generated_at": now, "config_hash": hashlib.sha256(settings.encode()).hexdigest()}


def main(source, target):
    try:
        found = list(rows(source))
    except (OSError, tree.ParseError) as error:
        print(f"properties: MISSING: {source}: {error}")
        return 3
    if not found:
        print(f"properties: MISSING: {source} holds no test; are the property tests built?")
        return 3
    with open(target, "w", encoding="utf-8") as out:
        for row in [env()] + found:
            out.write(json.dumps(row) + "\n")
    for row in found:
        print(f"{row['name']:<64} {row['verdict']:<8} {row['figure']:>9} {row['unit']:<6} {row['detail']}")
    return 0 if all(row["verdict"] == "holds" for row in found) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
