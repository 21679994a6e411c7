"""Rules about READMEs: they are maps, and maps agree with the ground."""
import fnmatch
import re

from .registry import rule

ROOMS = ("runtime", "model_checks", "simulation", "bench", "alloc_audit", "property_tests", "ci")
SECTIONS = ("Read first", "Run", "Add one", "When red", "Depends on", "What it cannot see")
UNIT = r"(?:ns|µs|us|ms|msg/s|executions(?:/s)?|iterations(?:/s)?|allocs?(?:/op)?|interleavings|million executions)"
# A figure: something a program printed. Ranges of options, versions and settings are not.
FIGURE = re.compile(rf"(?<![\w.\[-])\d[\d,.]*\s?{UNIT}(?![\w/])")
COMMAND = re.compile(r"\b(jacquard (check|litmus|sim|bench|audit|gate|report)|ci/\w+|ctest|build/\S+|cmake --build|bin/)")
GENERATED = ("build/", "out/", "bin/", "include/", "lib/")


def rooms(tree):
    return [room for room in ROOMS if any(path.startswith(room + "/") for path in tree.paths)]


@rule("readme-sections", "a room's README answers six questions: " + " / ".join(SECTIONS))
def readme_sections(tree):
    for room in rooms(tree):
        path = f"{room}/README.md"
        if path not in tree.paths:
            yield path, 1, "the room has no README; write one page"
            continue
        text = tree.source(path).text
        for name in SECTIONS:
            if not re.search(rf"^(#+ {name}\b|\*\*{name}\b)", text, re.M | re.I):
                yield path, 1, f"no section '{name}'; write **{name}** or a heading"


def exists(tree, name, folder):
    """A path as a README writes it, from the top or from the README's folder; * and <...> stand for anything."""
    pattern = re.sub(r"<[^>]*>|\{[^}]*\}|\.\.\.", "*", name).rstrip("/")
    candidates = {pattern, f"{folder}/{pattern}" if folder else pattern}
    for path in tree.paths:
        for candidate in candidates:
            if fnmatch.fnmatch(path, candidate) or fnmatch.fnmatch(path, candidate + "/*"):
                return True
    return False


@rule("readme-map", "a README names every room, and no file that is not there")
def readme_map(tree):
    top = "README.md"
    if top not in tree.paths:
        yield top, 1, "no README.md at the top; write one"
    else:
        for room in rooms(tree):
            if f"{room}/" not in tree.source(top).text:
                yield top, 1, f"the map does not name {room}/; add its line"
    for source in tree.sources(r"(.*/)?README\.md$"):
        folder = source.path.rpartition("/")[0]
        for number, line in enumerate(source.lines, 1):
            links = [m.split("#")[0] for m in re.findall(r"\]\(([^)\s]+)\)", line) if "://" not in m]
            ticked = [m for m in re.findall(r"`([\w./*<>{}-]+)`", line)
                      if m.split("/")[0] in ROOMS and "/" in m]
            for name in links + ticked:
                if name and not name.startswith(GENERATED) and not exists(tree, name, folder):
                    yield source.path, number, f"there is no {name}; correct the map"


@rule("readme-numbers", "a figure stands beside the command that printed it")
def readme_numbers(tree):
    for source in tree.sources(r"(.*/)?README\.md$"):
        section, figures = [], []

        def verdict():
            if figures and not any(COMMAND.search(line) for line in section):
                number, figure = figures[0]
                yield source.path, number, f"'{figure}' and no command in its section; write the one that prints it"

        for number, line in enumerate(source.lines, 1):
            if re.match(r"#+ ", line):
                yield from verdict()
                section, figures = [], []
            section.append(line)
            figures += [(number, match[0]) for match in FIGURE.finditer(line)]
        yield from verdict()
