#!/usr/bin/env python3
"""Prints what each check cost on each engine, as a Markdown table, or what it notices.

  jacquard check --engine relacy --json relacy.jsonl
  jacquard check --engine explore --json explore.jsonl
  model_checks/counts.py relacy.jsonl explore.jsonl

  jacquard check --engine explore --sabotage --seconds 10 --json sabotage.jsonl
  model_checks/counts.py --sabotage sabotage.jsonl
"""
import json
import sys


def rows(path):
    found = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if "verdict" in row and "name" in row:
                found[row["name"].removeprefix("relacy/").removeprefix("explore/")] = row
    return found


def sabotage(path):
    ways = ("orders", "updates", "wakes", "locks")
    print("| check | " + " | ".join(ways) + " |")
    print("|---|" + "---|" * len(ways))
    for name, row in sorted(rows(path).items()):
        blind = "" if row["verdict"] == "notices" else f" **{row['verdict']}**"
        print(f"| `{name}`{blind} | " + " | ".join(row.get(way, "-") for way in ways) + " |")


def main():
    if len(sys.argv) != 3:
        sys.exit("counts.py: two files, from --engine relacy and --engine explore; or --sabotage and a file")
    if sys.argv[1] == "--sabotage":
        sabotage(sys.argv[2])
        return
    relacy, explore = rows(sys.argv[1]), rows(sys.argv[2])
    print("| check | Relacy: executions | search | s | explorer: executions | blocked | s |")
    print("|---|---|---|---|---|---|---|")
    for name in sorted(relacy.keys() | explore.keys()):
        r, e = relacy.get(name), explore.get(name)
        left = f"{r['figure']:,.0f} | {r['search']} | {r['seconds']:.2f}" if r else "- | - | -"
        right = f"{e['figure']:,.0f} | {e['blocked']:,} | {e['seconds']:.2f}" if e else "- | - | -"
        doubt = "".join(f" **{x['verdict']}**" for x in (r, e) if x and x["verdict"] != "holds")
        print(f"| `{name}`{doubt} | {left} | {right} |")


if __name__ == "__main__":
    main()
