"""`litmus_rows.py EXPECTED ANSWERS_CXX20 ANSWERS_SC ROWS`: do the litmus programs have as many executions as they should?

EXPECTED is model_checks/litmus/expected.tsv; the answers are what `jacquard litmus --json` wrote. Writes one row for each
program and model, behind an env record. Exit: 0 all held, 1 a count differs, 3 a program or an answer is missing.
"""
import json
import sys


def answers(path):
    with open(path, encoding="utf-8") as lines:
        objects = [json.loads(line) for line in lines]
    return [o for o in objects if o.get("kind") == "env"], {o["name"]: o for o in objects if "executions" in o}


def main(expected, cxx20, sc, target):
    env, got_cxx20 = answers(cxx20)
    _, got_sc = answers(sc)
    rows, missing = [], 0
    with open(expected, encoding="utf-8") as table:
        wanted = [line.rstrip("\n").split("\t") for line in table if line.strip() and not line.startswith("#")]
    for name, *counts in wanted:
        for model, got, (executions, blocked) in (("sc", got_sc, counts[0:2]), ("c++20", got_cxx20, counts[2:4])):
            answer = got.get(name)
            missing += answer is None
            seen = (answer["executions"], answer["blocked"]) if answer else None
            held = seen == (int(executions), int(blocked))
            rows.append({"name": f"litmus/{name} [{model}]", "verdict": "holds" if held else "BROKEN" if seen else "MISSING",
                         "figure": seen[0] if seen else None, "unit": "executions",
                         "detail": f"{executions} expected, {blocked} blocked" + ("" if held else f"; seen {seen}"),
                         "repeat": f"jacquard litmus --model {model} model_checks/litmus/*.litmus"})
    with open(target, "w", encoding="utf-8") as out:
        for row in env + rows:
            out.write(json.dumps(row) + "\n")
    bad = [row for row in rows if row["verdict"] != "holds"]
    for row in bad:
        print(f"{row['name']:<44} {row['verdict']:<8} {row['figure']} {row['unit']}  {row['detail']}")
    total = sum(row["figure"] or 0 for row in rows)
    print(f"litmus: {len(rows)} answers over {len(wanted)} programs, {total} executions, {len(bad)} differ from their counts")
    return 3 if missing or not rows else 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:5]))
