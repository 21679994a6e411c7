"""`jacquard gate` as users run it: exit codes, one-line errors, and each kind of input seen red.

usage: gate_command_test.py BIN_FOLDER BUDGETS
"""
import json
import pathlib
import subprocess
import sys
import tempfile

bin_folder, budgets = pathlib.Path(sys.argv[1]), sys.argv[2]
NOW = "2026-11-21T04:00:00Z"
failures = []
ran = 0


def gate(folder, *arguments):
    return subprocess.run([bin_folder / "jacquard-gate", *arguments], cwd=folder, capture_output=True, text=True)


def expect(name, got, code, *says, one_line=False):
    global ran
    ran += 1
    text = got.stdout + got.stderr
    wrong = [f"{part!r} is not said" for part in says if part not in text]
    if got.returncode != code:
        wrong.append(f"exit {got.returncode}, not {code}")
    if one_line and got.stderr.count("\n") != 1:
        wrong.append(f"{got.stderr.count(chr(10))} lines on standard error, not 1")
    if wrong:
        failures.append(f"{name}: {'; '.join(wrong)}\n{text}")


BUDGET = """[freshness]
age_hours_max = 24
future_minutes_max = 5
[[gate]]
id = "allocs"
claim = "c"
source = "s"
from = "audit"
rule = "at_most"
rows = "ring[.]send"
example = "ring.send"
limit = 1.0
unit = "allocs/op"
[[gate]]
id = "pair"
claim = "c"
source = "s"
from = "bench"
rule = "regression"
bench = "b"
metric = "ns_per_op"
bases = ["base"]
aa = "aa"
worse = "higher"
limit = 1.10
unit = "ns"
"""


def env(at=NOW):
    return {"kind": "env", "generated_at": at, "config_hash": "c"}


def row(figure=0.0, unit="allocs/op", name="ring.send"):
    return {"name": name, "verdict": "PASS", "figure": figure, "unit": unit, "detail": "", "repeat": "jacquard audit --op x"}


def samples(ratio=1.0, aa=1.0, blocks=61):
    return [{"kind": "sample", "bench": "b", "metric": "ns_per_op", "arm": arm, "block": block,
             "value": 10.0 * by * (1 + 0.001 * (block % 5))}
            for arm, by in (("ours", ratio), ("aa", ratio * aa), ("base", 1.0)) for block in range(blocks)]


def lines(records):
    return "".join(json.dumps(record) + "\n" for record in records)


def judged(audit, bench=None, *more, now=NOW):
    with tempfile.TemporaryDirectory() as folder:
        at = pathlib.Path(folder)
        (at / "b.toml").write_text(BUDGET)
        (at / "in").mkdir()
        if audit is not None:
            (at / "in/audit.jsonl").write_text(audit)
        (at / "in/bench.jsonl").write_text(lines([env(), *samples()]) if bench is None else bench)
        return gate(folder, "--in", "in", "--budgets", "b.toml", "--now", now, *more)


good = lines([env(), row()])
expect("kept", judged(good), 0, "PASS", "2 gates: 2 PASS")
expect("regression of a row", judged(lines([env(), row(1.5)])), 1, "FAIL", "repeat: jacquard audit --op x")
expect("regression of samples", judged(good, lines([env(), *samples(1.3)])), 1, "FAIL", "1.300")
expect("undecided", judged(good, lines([env(), *samples(1.3, blocks=14)])), 2, "UNDECIDED", "wants 15")
expect("void", judged(good, lines([env(), *samples(1.0, aa=1.2)])), 2, "VOID", "A/A")
wide = lines([env(), *({**s, "value": s["value"] * (1.2 if s["arm"] == "ours" and s["block"] % 2 else 1)} for s in samples(1.0))])
expect("noise", judged(good, wide), 2, "UNDECIDED", "1 UNDECIDED, by noise alone: pair")
expect("noise, told", judged(good, wide, "--undecided", "tell"), 0, "UNDECIDED", "1 UNDECIDED, by noise alone: pair")
expect("void, told", judged(good, lines([env(), *samples(1.0, aa=1.2)]), "--undecided", "tell"), 0, "VOID", "1 UNDECIDED, by noise alone: pair")
expect("too few blocks are not noise", judged(good, lines([env(), *samples(1.3, blocks=14)]), "--undecided", "tell"), 2, "wants 15")
expect("fail, told", judged(good, lines([env(), *samples(1.3)]), "--undecided", "tell"), 1, "FAIL")
expect("missing, told", judged(None, wide, "--undecided", "tell"), 3, "MISSING")
expect("far within a loud run", judged(good, lines([env(), *samples(0.3, aa=1.05)])), 0, "stands beside a noisy A/A arm")
expect("far beyond in a loud run", judged(good, lines([env(), *samples(3.0, aa=1.05)])), 1, "FAIL")
expect("an unknown policy", judged(good, wide, "--undecided", "maybe"), 2, "'maybe' is not one of fail, tell", one_line=True)
expect("fail before undecided", judged(lines([env(), row(2.0)]), lines([env(), *samples(1.0, aa=1.2)])), 1, "FAIL", "VOID")
expect("missing before fail", judged(None, lines([env(), *samples(1.3)])), 3, "MISSING", "FAIL", "no file audit.jsonl")
expect("empty", judged(""), 3, "audit.jsonl:1:1: the file is empty")
expect("renamed", judged(lines([env(), row(name="ring.sned")])), 3, "MISSING", "0 of at least 1 rows")
expect("other unit", judged(lines([env(), row(unit="bytes")])), 3, "MISSING", "'bytes'")
expect("NaN", judged(lines([env(), row(None)])), 3, "MISSING", "no number")
expect("NaN as Python writes it", judged(good.replace("0.0", "NaN")), 3, "audit.jsonl:2:", "not JSON")
expect("stale", judged(good, now="2026-11-22T04:00:01Z"), 3, "STALE", "24 h 00 min 01 s ago")
expect("future", judged(good, now="2026-11-21T03:54:59Z"), 3, "STALE", "in the future")
expect("no env", judged(lines([row()])), 3, "STALE", "no env record")
expect("truncated", judged(good[:-20]), 3, "audit.jsonl:2:", "cut short")
expect("unpaired", judged(good, lines([env(), *samples()[:-1]])), 3, "MISSING", "unpaired")
expect("malformed", judged(lines([env()]) + '{"name": oops}\n'), 3, "in/audit.jsonl:2:10", "MALFORMED", one_line=True)

with tempfile.TemporaryDirectory() as here:
    expect("no such folder", gate(here, "--in", "nowhere", "--budgets", budgets), 3, "'nowhere' does not exist", one_line=True)
    expect("no such budgets", gate(here, "--budgets", "nowhere.toml"), 2, "cannot read 'nowhere.toml'", one_line=True)
    expect("a bad time", gate(here, "--in", here, "--now", "noon", "--budgets", budgets), 2, "'noon' is no time", one_line=True)
    expect("no such gate", gate(here, "--filter", "nothing_at_all", "--budgets", budgets), 2, "matches none", one_line=True)
    expect("unknown flag", gate(here, "--frobnicate"), 2, "--frobnicate", one_line=True)
    expect("nothing measured", gate(here, "--in", here, "--budgets", budgets), 3, "MISSING")
    expect("self-test", gate(here, "--self-test", "--budgets", budgets), 0, "each seen red", " 0 wrong")

print(f"{ran - len(failures)} of {ran} cases right")
for failure in failures:
    print(f"FAILED {failure}")
sys.exit(1 if failures else 0)
