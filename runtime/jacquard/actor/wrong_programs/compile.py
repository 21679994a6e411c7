#!/usr/bin/env python3
"""Compiles the programs beside this file: each wrong one must fail, and its first error must be the words that its
first line names (`// says: ...`); `// compiles` must compile, so that a broken header is not taken for a wrong program.

  compile.py COMPILER INCLUDE [--filter REGEX] [--list]
exit 0 all held, 1 found, 2 usage or could not run
"""
import argparse
import concurrent.futures
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def verdict(compiler, include, program):
    """Null where the program does what its first line says, otherwise a sentence."""
    first_line = program.read_text().split("\n", 1)[0]
    says = re.fullmatch(r"// says: (.{10,})", first_line)
    if not says and first_line != "// compiles":
        return "its first line is neither `// says: ...` nor `// compiles`"
    done = subprocess.run([compiler, "-std=c++20", "-fsyntax-only", f"-I{include}", str(program)],
                          capture_output=True, text=True, check=False)
    errors = re.findall(r"(?:fatal )?error: (.*)", done.stderr)
    if not says:
        return None if done.returncode == 0 else f"does not compile: {errors[0] if errors else done.stderr[:200]}"
    if done.returncode == 0 or not errors:
        return "compiles"
    return None if says[1] in errors[0] else f"the first error is: {errors[0]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("compiler")
    parser.add_argument("include")
    parser.add_argument("--filter", default="", metavar="REGEX")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    programs = sorted(each for each in HERE.glob("*.cpp") if re.search(options.filter, each.stem))
    if not programs:
        print(f"compile.py: --filter {options.filter}: names no program", file=sys.stderr)
        return 2
    if options.list:
        print("\n".join(each.stem for each in programs))
        return 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda each: verdict(options.compiler, options.include, each), programs))
    for program, wrong in zip(programs, found):
        print(f"{program.stem:24} {'BROKEN  ' + wrong if wrong else 'holds'}")
    return 1 if any(found) else 0


if __name__ == "__main__":
    sys.exit(main())
