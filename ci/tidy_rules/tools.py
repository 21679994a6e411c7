"""Rules that ask a compiler or a formatter."""
import concurrent.futures
import hashlib
import json
import os
import re
import shutil
import subprocess

from .registry import rule

FORMATTER = "clang-format-14"
COMPILER = ["g++", "-std=c++20", "-fsyntax-only", "-x", "c++", "-"]


@rule("format", f"C++ is formatted by {FORMATTER} with the .clang-format at the top")
def formatted(tree):
    if shutil.which(FORMATTER) is None:
        yield "ci/packages.txt", 1, f"{FORMATTER} is not installed; run ci/setup"
        return
    paths = [source.path for source in tree.cpp()]
    for start in range(0, len(paths), 40):
        result = subprocess.run([FORMATTER, "--dry-run", "-Werror", *paths[start:start + 40]], cwd=tree.root,
                                capture_output=True, text=True, check=False)
        seen = set()
        for path, line in re.findall(r"^(\S+?):(\d+):\d+: error:", result.stderr, re.M):
            if path not in seen:
                seen.add(path)
                yield path, int(line), f"not as {FORMATTER} writes it; run {FORMATTER} -i {path}"


def closure(tree, path, known):
    """The headers of ours that a header reaches, itself included."""
    reached, pending = set(), [path]
    while pending:
        here = pending.pop()
        if here in reached:
            continue
        reached.add(here)
        folder = here.rpartition("/")[0]
        for _, name, form in tree.source(here).includes():
            beside = f"{folder}/{name}"
            target = beside if form == '"' and beside in tree.paths else known.get(name)
            if target:
                pending.append(target)
    return reached


def cache_file(tree):
    return tree.root / "build" / "tidy" / "standalone.json"


def load(path):
    try:
        return set(json.loads(path.read_text()))
    except (OSError, ValueError):
        return set()


@rule("standalone", "a header compiles alone: whoever includes it need not know what it needs")
def standalone(tree):
    headers = [source.path for source in tree.cpp() if source.path.endswith((".hpp", ".h"))]
    rooms = sorted({path.split("/")[0] for path in headers if "/" in path})
    known = {path.split("/", 1)[1]: path for path in headers if "/" in path}
    includes = [f"-I{room}" for room in rooms]
    version = subprocess.run(["g++", "--version"], capture_output=True, text=True, check=True).stdout
    cached = load(cache_file(tree))

    def digest(path):
        # What decides the answer: the compiler, the flags, and every header of ours that is reached.
        text = version + " ".join(COMPILER + includes) + path
        for name in sorted(closure(tree, path, known)):
            text += name + tree.source(name).text
        return hashlib.sha256(text.encode()).hexdigest()

    def compiles(path):
        return subprocess.run([*COMPILER, *includes, "-I", os.path.dirname(path) or "."], cwd=tree.root,
                              input=f'#include "{path}"\n', capture_output=True, text=True, check=False)

    digests = {path: digest(path) for path in headers}
    fresh = [path for path in headers if digests[path] not in cached]
    good = {digest for digest in digests.values() if digest in cached}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, result in zip(fresh, pool.map(compiles, fresh)):
            if result.returncode == 0:
                good.add(digests[path])
            else:
                error = re.search(r"^(\S+?):(\d+):\d+: (?:fatal )?error: (.*)", result.stderr, re.M)
                line = int(error[2]) if error and error[1] == path else 1
                yield path, line, f"does not compile alone ({error[3] if error else 'see g++'}); include what it uses"
    if (tree.root / "build").is_dir():  # a fixture has none
        cache_file(tree).parent.mkdir(exist_ok=True)
        cache_file(tree).write_text(json.dumps(sorted(good)))
