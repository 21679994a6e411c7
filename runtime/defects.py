#!/usr/bin/env python3
"""Looks up every proof that DEFECTS.md names in a build; a name that is not there is a defect of the table.

  runtime/defects.py BUILD_FOLDER              exit 0: all are there; 1: some are not; 2: could not look
  runtime/defects.py BUILD_FOLDER --list       every proof, one a line
  runtime/defects.py BUILD_FOLDER --self-test  a table with wrong names must be refused, each by its name
"""
import json
import pathlib
import re
import subprocess
import sys

TABLE = pathlib.Path(__file__).resolve().parent / "DEFECTS.md"
KINDS = ("test", "check", "bug", "audit", "bench")


def proofs(text):
    """(line, kind, name) of every proof; a row of the first two tables without one yields a None."""
    promised = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("## "):
            promised = line != "## Not here yet"
        if not promised or not line.startswith("|") or line.startswith(("|---", "| project")):
            continue
        found = re.findall(rf"`({'|'.join(KINDS)}) ([^`]+)`", line)
        for kind, name in found:
            yield number, kind, name
        if not found:
            yield number, None, line.split("|")[2].strip()


def said_by(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"defects.py: {' '.join(command)}: {error}", file=sys.stderr)
        sys.exit(2)
    return done.stdout


class Build:
    def __init__(self, folder):
        listed = json.loads(said_by(["ctest", "--test-dir", str(folder), "--show-only=json-v1"]))
        self.tests, self.seeded, self.checks = [], set(), set()
        for test in listed["tests"]:
            labels = next((p["value"] for p in test.get("properties", ()) if p["name"] == "LABELS"), [])
            name = test["name"]
            self.tests.append(name)
            if name.startswith("model_checks/") and name.count("/") >= 2:
                (self.seeded if "seeded" in labels else self.checks).add(name.split("/", 2)[2])
        if not self.tests:
            print(f"defects.py: ctest knows no test in {folder}", file=sys.stderr)
            sys.exit(2)
        self.all = "\n".join(self.tests)
        self.audited = set(said_by([str(folder / "bin/jacquard-audit-ops"), "--list"]).split())

    def has(self, kind, name):
        if kind == "test":  # a parameter or a type may follow
            return re.search(rf"(^|/){re.escape(name)}($|[/<# ])", self.all, re.M) is not None
        if kind == "bench":
            return f"bench/smoke/{name}" in self.tests
        if kind == "audit":
            return name in self.audited
        known = self.checks if kind == "check" else self.seeded
        return any(each == name or each.startswith(name + ".") for each in known)  # `.ring`, `.linked`


def missing(build, text):
    for number, kind, name in proofs(text):
        if kind is None:
            yield f"DEFECTS.md:{number}: nothing proves it: {name}"
        elif not build.has(kind, name):
            yield f"DEFECTS.md:{number}: there is no {kind} '{name}' in this build"


def self_test(build, text):
    wrong = {"test": "test_that_nobody_wrote", "check": "check_of_nothing", "bug": "bug_of_nobody",
             "audit": "actor.teleport", "bench": "bench_of_nothing"}
    table = "## Read\n| project | what | here |\n|---|---|---|\n"
    table += "".join(f"| p | w | `{kind} {name}` |\n" for kind, name in wrong.items())
    table += "| p | without a proof | trust us |\n"
    said = "\n".join(missing(build, table))
    unseen = [name for name in (*wrong.values(), "nothing proves it") if name not in said]
    first = next(name for _, kind, name in proofs(text) if kind == "test" and build.has(kind, name))
    if build.has("test", first[:-1]) or build.has("test", first[1:]):
        unseen.append(first[:-1])  # a name that is cut short is another name
    for name in unseen:
        print(f"self-test: '{name}' is wrong and was not seen")
    print(f"self-test: {len(wrong) + 1 - len(unseen)} of {len(wrong) + 1} wrong rows seen")
    return 1 if unseen else 0


def main():
    words = sys.argv[1:]
    if not words or words[0].startswith("-") or len(words) > 2 or words[1:] not in ([], ["--list"], ["--self-test"]):
        print(__doc__, file=sys.stderr if words != ["--help"] else sys.stdout)
        return 0 if words == ["--help"] else 2
    text = TABLE.read_text(encoding="utf-8")
    if words[1:] == ["--list"]:
        for _, kind, name in proofs(text):
            print(kind or "none", name)
        return 0
    build = Build(pathlib.Path(words[0]))
    if words[1:] == ["--self-test"]:
        return self_test(build, text)
    found = list(missing(build, text))
    print("\n".join(found) if found else f"{sum(1 for _ in proofs(text))} proofs, all there")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
