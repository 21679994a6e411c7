"""ci/tidy's command line."""
import argparse
import contextlib
import json
import re
import sys

from . import copies, files, orders, readmes, seams, tools  # noqa: F401  (each registers its rules)
from .registry import RULES, findings
from .source import Tree


def judge(chosen, root):
    """A row for a rule over the real tree, and its findings."""
    found = findings(chosen, Tree(root))
    return row(chosen.name, not found, len(found), "findings", chosen.says), [str(f) for f in found]


def prove(chosen, root):
    """A row for a rule over its fixture: it must find exactly what the file `expected` lists."""
    name = f"red/{chosen.name}"
    fixture = root / "ci" / "tidy_fixtures" / chosen.name
    if not (fixture / "expected").is_file():
        return row(name, False, 0, "findings", f"no fixture in ci/tidy_fixtures/{chosen.name}"), []
    wanted = {line for line in (fixture / "expected").read_text().split("\n") if line}
    seen = {f"{f.path}:{f.line}" for f in findings(chosen, Tree(fixture))}
    notes = [f"{place}: wrong, and not seen" for place in sorted(wanted - seen)]
    notes += [f"{place}: seen, and nothing is wrong there" for place in sorted(seen - wanted)]
    held = bool(wanted) and not notes
    return row(name, held, len(seen), "findings", "sees its fixture red" if held else "does not"), notes


def row(name, held, figure, unit, detail):
    return {"name": name, "verdict": "holds" if held else "BROKEN", "figure": figure, "unit": unit,
            "detail": detail}


def main(arguments, root, text):
    parser = argparse.ArgumentParser(prog="ci/tidy", description=text,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("--explain", action="store_true")
    parser.add_argument("--filter", default="", metavar="REGEX")
    parser.add_argument("--json", default="", metavar="FILE|-")
    options = parser.parse_args(arguments)
    try:
        chosen = [r for name, r in RULES.items() if re.search(options.filter, name)]
    except re.error:
        return refuse(f"--filter: '{options.filter}' is not a regular expression")
    if not chosen:
        return refuse(f"--filter: '{options.filter}' matches none of the {len(RULES)} rules; --list names them")
    if options.list or options.explain:
        for r in chosen:
            print(f"{r.name:<18} {r.says}" if options.explain else r.name)
        return 0
    with contextlib.ExitStack() as closing:
        people, machine = sys.stdout, None
        if options.json == "-":
            people, machine = sys.stderr, sys.stdout
        elif options.json:
            try:
                machine = closing.enter_context(open(options.json, "w", encoding="utf-8"))
            except OSError as error:
                return refuse(f"--json: cannot write '{options.json}': {error.strerror}")
        broken = 0
        for r in chosen:
            result, notes = prove(r, root) if options.self_test else judge(r, root)
            for note in notes:
                print(f"{note}  [{r.name}]", file=people)
            print(f"{result['name']:<28} {result['verdict']:<8} {result['figure']:>4} {result['unit']}  "
                  f"{result['detail']}", file=people, flush=True)
            if machine:
                print(json.dumps(result), file=machine, flush=True)
            broken += result["verdict"] != "holds"
        print(f"tidy: {len(chosen)} rules, {broken} broken", file=people)
        return 1 if broken else 0


def refuse(message):
    print(f"ci/tidy: {message}", file=sys.stderr)
    return 2
