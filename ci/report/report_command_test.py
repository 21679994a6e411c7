"""`jacquard report` as users run it: the page is written, what is missing says so, bad input is one line.

usage: report_command_test.py BIN_FOLDER
"""
import json
import pathlib
import subprocess
import sys
import tempfile

program = pathlib.Path(sys.argv[1]) / "jacquard-report"
failures = []
ran = 0
ENV = {"kind": "env", "generated_at": "2026-11-21T04:00:00Z", "config_hash": "c"}
SOURCES = ["gate", "check.relacy", "check.explore", "check.perturbed", "check.stress", "check.bugs", "litmus", "codegen", "properties",
           "sim", "bench", "audit", "idle"]


def expect(name, folder, arguments, code, *says, page=None, one_line=False):
    global ran
    ran += 1
    got = subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True)
    text = got.stdout + got.stderr
    wrong = [f"{part!r} is not said" for part in says if part not in text]
    if got.returncode != code:
        wrong.append(f"exit {got.returncode}, not {code}")
    if one_line and got.stderr.count("\n") != 1:
        wrong.append("not one line on standard error")
    if page is not None:
        file = pathlib.Path(folder) / page
        if not file.exists():
            wrong.append(f"{page} is not written")
        elif not file.read_text().rstrip().endswith("</html>"):
            wrong.append(f"{page} is not whole")
    if wrong:
        failures.append(f"{name}: {'; '.join(wrong)}\n{text}")


def records(folder, names):
    (folder / "in").mkdir(exist_ok=True)
    for name in names:
        row = {"name": f"{name}.one", "verdict": "holds", "figure": 1, "unit": "x", "detail": ""}
        (folder / "in" / f"{name}.jsonl").write_text(json.dumps(ENV) + "\n" + json.dumps(row) + "\n")


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    records(folder, SOURCES)
    expect("everything is there", name, ["--in", "in", "--out", "r.html"], 0, "13 claims", page="r.html")
    (folder / "in/sim.jsonl").unlink()
    expect("a source is missing", name, ["--in", "in", "--out", "r.html"], 3, "sim", "MISSING", page="r.html")
    records(folder, SOURCES)
    (folder / "in/audit.jsonl").write_text(json.dumps(ENV) + "\n{\n")
    expect("a file is malformed", name, ["--in", "in", "--out", "r.html"], 3, "in/audit.jsonl:2:2", page="r.html", one_line=True)
    records(folder, SOURCES)
    expect("a named file is absent", name, ["--in", "in", "gate.jsonl", "--out", "r.html"], 3, "was named and does not exist", page="r.html")
    expect("no such folder", name, ["--in", "nowhere"], 3, "'nowhere' does not exist", one_line=True)
    expect("cannot write", name, ["--in", "in", "--out", "no/such/r.html"], 2, "cannot write 'no/such/r.html'", one_line=True)
    expect("unknown flag", name, ["--frobnicate"], 2, "--frobnicate", one_line=True)
    expect("no such section", name, ["--filter", "nothing_at_all"], 2, "matches none", one_line=True)
    expect("sections are listed", name, ["--list"], 0, "allocations\n", "latency\n")

print(f"{ran - len(failures)} of {ran} cases right")
for failure in failures:
    print(f"FAILED {failure}")
sys.exit(1 if failures else 0)
