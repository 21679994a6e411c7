"""The second look, on records of known content.

usage: again_test.py
"""
import json
import pathlib
import subprocess
import sys
import tempfile

SCRIPT = pathlib.Path(__file__).with_name("again.py")


def sample(bench, arm, value):
    return {"kind": "sample", "bench": bench, "arm": arm, "block": 0, "metric": "ns_per_op", "value": value}


def row(name, figure):
    return {"name": name, "verdict": "measured", "figure": figure, "unit": "ns", "detail": ""}


def gate(name, bench, noise, verdict="VOID"):
    return {"kind": "gate", "name": name, "bench": bench, "verdict": verdict, "noise_alone": noise}


ENV = {"kind": "env", "generated_at": "2026-11-21T04:00:00Z", "config_hash": "c"}
FIRST = [ENV, row("a.ours", 1), sample("a", "ours", 1), sample("a", "aa", 1), row("b/1.ours", 1), sample("b/1", "ours", 1),
         row("claim.a", 1), row("claim.b", 1)]
AGAIN = [ENV, row("a.ours", 2), sample("a", "ours", 2), sample("a", "aa", 2), row("claim.a", 2)]


def run(here, *words, **files):
    for name, content in files.items():
        (here / name).write_text("".join(json.dumps(record) + "\n" for record in content))
    return subprocess.run([sys.executable, SCRIPT, *words], cwd=here, capture_output=True, text=True)


failures = []


def check(claim, holds, got):
    print(f"{'holds' if holds else 'FAILED'}: {claim}")
    if not holds:
        failures.append(f"{claim}: {got}")


with tempfile.TemporaryDirectory() as folder:
    here = pathlib.Path(folder)
    gates = [gate("x", "a", True), gate("y", "b/1", True, "UNDECIDED"), gate("z", "c", False), gate("w", "a", True)]
    got = run(here, "benches", "gates", gates=gates)
    check("what noise left open is run again, once each", got.stdout == "^(a|b/1)$\n", got)
    got = run(here, "open", "gates")
    check("all of it is counted", got.stdout == "3\n", got)
    got = run(here, "benches", "gates", gates=[gate("x", "a", False, "FAIL")])
    check("a FAIL is not given a second try", got.stdout == "" and got.returncode == 0, got)
    got = run(here, "merge", "first", "second", first=FIRST, second=AGAIN)
    text = [json.loads(line) for line in (here / "first").read_text().splitlines()]
    mine = [r for r in text if r.get("bench") == "a" or r.get("name") in ("a.ours", "claim.a")]
    check("the second run's records replace the first's", got.returncode == 0 and mine == AGAIN[1:], (got, text))
    check("everybody else's stay", [r for r in FIRST if r.get("bench") == "b/1" or r.get("name") in ("b/1.ours", "claim.b")]
          == [r for r in text if r.get("bench") == "b/1" or r.get("name") in ("b/1.ours", "claim.b")], text)
    check("both runs say when they were", text.count(ENV) == 2, text)
    got = run(here, "merge", "first", "second", first=FIRST, second=[r for r in AGAIN if r.get("arm") != "aa"])
    check("a second run that lacks an arm is refused", got.returncode == 3 and "lacks the arm 'aa'" in got.stderr, got)
    got = run(here, "merge", "first", "second", first=FIRST, second=[ENV, row("new.ours", 1)])
    check("a benchmark that the first run had not is refused", got.returncode == 3 and "new" in got.stderr, got)
    got = run(here, "benches", "nowhere")
    check("a missing file is an error", got.returncode == 3 and "nowhere" in got.stderr, got)
    got = run(here, "what")
    check("anything else is usage", got.returncode == 2, got)

for failure in failures:
    print(failure)
sys.exit(1 if failures else 0)
