"""The rule that what is checked is what ships: no copy of a runtime header anywhere else."""
import re

from .registry import rule

RUN = 12  # lines of code in a row, as they stand, blank lines and comments aside


def code_lines(source):
    """(line number, normalised code) without blank lines, comments and lines of mere punctuation."""
    for number, line in enumerate(source.code_lines, 1):
        plain = re.sub(r"\s+", " ", line).strip()
        if re.search(r"\w", plain) and not plain.startswith(("#include", "namespace", "using namespace")):
            yield number, plain


@rule("copies", f"no other room holds {RUN} lines of a runtime header, nor a file that would be included for one")
def copies(tree):
    runs, names = {}, {}
    for source in tree.cpp("runtime/jacquard/"):
        if not source.path.endswith(".hpp"):
            continue
        names[source.path.split("/", 1)[1]] = source.path
        lines = [plain for _, plain in code_lines(source)]
        for i in range(len(lines) - RUN + 1):
            runs.setdefault(tuple(lines[i:i + RUN]), source.path)
    for source in tree.cpp(but=(r"runtime/",)):
        below = source.path.split("/", 1)[-1]
        if below in names:
            yield source.path, 1, f"shadows {names[below]}; include that one"
        lines = list(code_lines(source))
        for i in range(len(lines) - RUN + 1):
            origin = runs.get(tuple(plain for _, plain in lines[i:i + RUN]))
            if origin:
                yield source.path, lines[i][0], f"{RUN} lines of {origin}; include it, and vary it through its policy"
                break
