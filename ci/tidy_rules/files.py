"""Rules about files as such."""
import re

from .registry import rule

TEXT = (".hpp", ".cpp", ".h", ".cc", ".py", ".md", ".txt", ".cmake", ".json", ".toml", ".yml", ".yaml", ".in", ".sh",
        ".go", ".erl", ".litmus")
LINES_MAX = 600


def texts(tree):
    for source in tree.sources(""):
        name = source.path.rsplit("/", 1)[-1]
        if source.path.endswith(TEXT) or "." not in name or source.text.startswith("#!"):
            yield source


@rule("pragma-once", "a header begins with #pragma once, after its opening comment")
def pragma_once(tree):
    for source in tree.cpp():
        if not source.path.endswith((".hpp", ".h")):
            continue
        code = [line.strip() for line in source.code_lines if line.strip()]
        if not code or code[0] != "#pragma once":
            yield source.path, 1, "the first line of code is not #pragma once; write it there"


@rule("opening", "a header, or a source without one, opens with a comment that says what it is")
def opening(tree):
    for source in tree.cpp("runtime/", "model_checks/", "simulation/", "bench/", "alloc_audit/", "property_tests/"):
        its_header = source.path.replace(".test.cpp", ".hpp").replace(".cpp", ".hpp")
        if not source.text.startswith("//") and (its_header == source.path or its_header not in tree.paths):
            yield source.path, 1, "no opening comment; say in a sentence what the file is"


@rule("length", f"a file has one concept and at most {LINES_MAX} lines")
def length(tree):
    for source in texts(tree):
        if source.path.endswith((".hpp", ".cpp", ".h", ".cc", ".py")) or source.text.startswith("#!"):
            count = source.text.count("\n")
            if count > LINES_MAX:
                yield source.path, LINES_MAX + 1, f"{count} lines; split it by concept"


@rule("unfinished", "nothing says that it is unfinished: finish it, or name it in the room's README")
def unfinished(tree):
    pattern = re.compile("|".join(rf"\b{a}{b}\b" for a, b in (("TO", "DO"), ("FIX", "ME"), ("XX", "X"), ("HA", "CK"))))
    for source in texts(tree):
        for number, line in enumerate(source.lines, 1):
            match = pattern.search(line)
            if match:
                yield source.path, number, f"{match[0]}; finish it, or say what is missing under 'What it cannot see'"


@rule("machine-paths", "no path of one machine: say it from the top folder, or ask for it")
def machine_paths(tree):
    folders = ("home", "root", "Users", "work", "mnt", "workspace")
    pattern = re.compile(r"(?<![\w.:/$}~-])/(" + "|".join(folders) + r")/[\w.]")
    for source in texts(tree):
        for number, line in enumerate(source.lines, 1):
            match = pattern.search(line)
            if match:
                yield source.path, number, f"{match[0]}... is a path of one machine; write it from the top folder"


@rule("whitespace", "no tab, no blank at a line's end, one newline at the end of the file")
def whitespace(tree):
    for source in texts(tree):
        for number, line in enumerate(source.lines, 1):
            if line.rstrip() != line and not source.path.endswith(".md"):
                yield source.path, number, "blanks at the end of the line; remove them"
            if "\t" in line and source.path.endswith((".hpp", ".cpp", ".py", ".cmake", ".txt", ".toml")):
                yield source.path, number, "a tab; write spaces"
        if source.text and (not source.text.endswith("\n") or source.text.endswith("\n\n")):
            yield source.path, len(source.lines), "the file does not end in exactly one newline"
