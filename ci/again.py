"""A second look at what noise left open: which benchmarks to run again, and their new records in place of the old.

usage: again.py benches GATE_JSONL                 a --filter for `jacquard bench`; nothing where no gate is open
       again.py merge RESULTS_JSONL AGAIN_JSONL    RESULTS_JSONL with the records of AGAIN_JSONL instead of its own
       again.py open GATE_JSONL                    how many gates noise left open

Only benchmarks whose gates are UNDECIDED or VOID by noise alone are run again, so a FAIL is never given a second try.
Exit: 0; 2 usage; 3 a file that is missing or malformed, or a second run that lacks a benchmark of the first.
"""
import json
import pathlib
import re
import sys


def records(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def left_open(path):
    return [row for row in records(path) if row.get("kind") == "gate" and row.get("noise_alone")]


def bench_of(record):
    """The benchmark that a record speaks of; a claim and an env record speak of none."""
    if "bench" in record:
        return record["bench"]
    name = record.get("name", "")
    return "" if name.startswith("claim.") else name.partition(".")[0]


def merged(first, second):
    again = {bench_of(record) for record in second} - {""}
    claims = {record["name"] for record in second if record.get("name", "").startswith("claim.")}
    kept = [record for record in first if bench_of(record) not in again and record.get("name") not in claims]
    known = {bench_of(record) for record in first}
    if again - known:
        raise ValueError(f"{sorted(again - known)[0]} is in the second run and not in the first")
    for bench in sorted(again):
        arms, arms_again = ({r["arm"] for r in run if r.get("kind") == "sample" and bench_of(r) == bench}
                            for run in (first, second))
        if arms - arms_again:
            raise ValueError(f"the second run of {bench} lacks the arm '{sorted(arms - arms_again)[0]}'")
    return kept + second


def main(words):
    try:
        if len(words) == 2 and words[0] == "benches":
            names = sorted({row["bench"] for row in left_open(words[1])})
            if names:
                print("^(" + "|".join(re.escape(name) for name in names) + ")$")
        elif len(words) == 2 and words[0] == "open":
            print(len(left_open(words[1])))
        elif len(words) == 3 and words[0] == "merge":
            lines = "".join(json.dumps(record) + "\n" for record in merged(records(words[1]), records(words[2])))
            partial = pathlib.Path(words[1] + ".partial")
            partial.write_text(lines, encoding="utf-8")
            partial.replace(words[1])
        else:
            print(f"again.py: usage: again.py benches|open GATE_JSONL, again.py merge RESULTS AGAIN; got {words}", file=sys.stderr)
            return 2
    except (OSError, ValueError, KeyError) as error:
        print(f"again.py: {error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
