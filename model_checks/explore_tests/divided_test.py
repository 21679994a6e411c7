#!/usr/bin/env python3
"""One search from the command line, divided: by workers, in 2 and 5 shards, in two sittings. The totals are the same.

  divided_test.py bin/jacquard-check-explore
"""
import json
import os
import subprocess
import sys
import tempfile

program = sys.argv[1]
check = ["--filter", r"^drop_oldest\.ring$"]  # more than 10^5 executions
wrong = []


def run(*words):
    return subprocess.run([program, *words], capture_output=True, text=True)


def counts(*words):
    done = run(*check, *words, "--json", "-")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    rows = [row for row in rows if row.get("name", "").endswith("drop_oldest.ring")]
    if len(rows) != 1:
        sys.exit(f"{words}: {done.stdout}{done.stderr}")
    return int(rows[0]["figure"]), rows[0]["blocked"], rows[0]["verdict"]


def expect(what, got, wanted):
    print(f"{what}: {got}")
    if got != wanted:
        wrong.append(f"{what}: {got}, expected {wanted}")


whole = counts()
expect("the whole holds, and is large", (whole[0] > 100_000, whole[2]), (True, "holds"))
expect("two workers", counts("--workers", "2"), whole)
for shards in (2, 5):
    parts = [counts("--shard", f"{i}/{shards}") for i in range(shards)]
    total = tuple(sum(part[i] for part in parts) for i in range(2))
    expect(f"{shards} shards {[part[0] for part in parts]}", total, whole[:2])
with tempfile.TemporaryDirectory() as folder:
    left = os.path.join(folder, "left")
    first = counts("--iterations", "50000", "--checkpoint", left)
    expect("the first sitting is cut", first[2], "truncated")
    expect("the second ends it", counts("--resume", left), whole)
    other = run("--filter", r"^drop_oldest\.locked$", "--resume", left)
    expect("another check refuses the file", (other.returncode, "another check" in other.stderr), (2, True))
    two = run("--filter", "drop_oldest", "--resume", left)
    expect("two checks refuse it", (two.returncode, "belongs to one check" in two.stderr), (2, True))

    kept, page = os.path.join(folder, "schedule"), os.path.join(folder, "page.html")
    bug = ["--filter", "^crossed_locks$"]
    found = run("--seeded-bugs", *bug, "--keep-schedule", kept, "--page", page)
    expect("a seeded bug is caught", found.returncode, 0)
    again = run(*bug, "--schedule", "@" + kept)
    expect("its schedule file repeats it", (again.returncode, "deadlock" in again.stdout), (1, True))
    with open(page, encoding="utf-8") as drawn:
        expect("its page draws it", "<svg" in drawn.read(), True)
    lost = run("--seeded-bugs", *bug, "--page", os.path.join(folder, "nowhere", "page.html"))
    expect("a page that cannot be written is refused", (lost.returncode, "nowhere" in lost.stderr), (2, True))

for words in (["--shard", "2/2"], ["--search", "pct", "--workers", "2"]):
    expect(f"{words} is refused", run(*check, *words).returncode, 2)
if wrong:
    sys.exit("\n".join(wrong))
