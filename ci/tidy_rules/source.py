"""A tree of files as the rules see it: C++ split into code and comments, line by line."""
import functools
import pathlib
import re

CPP = (".hpp", ".cpp", ".h", ".cc")
NOT_OURS = {"build", "out", ".git", ".cache", "tidy_fixtures", "__pycache__"}


def split(text):
    """C++ as two texts of the same shape: code (comments and literals blanked) and comments (all else blanked)."""
    code, notes = [], []
    i, end, mode, close = 0, len(text), "code", ""
    while i < end:
        two, char = text[i:i + 2], text[i]
        take = 1
        kind = mode
        if mode == "code":
            if two == "//":
                mode = kind = "line"
            elif two == "/*":
                mode = kind = "block"
                take = 2
            elif char == '"':
                raw = re.compile(r'R"([^()\\ ]{0,16})\(').match(text, i - 1) if i and text[i - 1] == "R" else None
                close = f'){raw[1]}"' if raw else '"'
                mode = "raw" if raw else "string"
            elif char == "'" and not (i and (text[i - 1].isalnum() or text[i - 1] == "_")):
                mode, close = "string", "'"
        elif mode == "line":
            if char == "\n":
                mode = kind = "code"
        elif mode == "block":
            if two == "*/":
                mode, take = "code", 2
        elif mode == "string":
            if char == "\\":
                take = 2
            elif char == close or char == "\n":
                mode = kind = "code"
        elif mode == "raw" and text.startswith(close, i):
            mode, take = "code", len(close)
        piece = text[i:i + take]
        blank = re.sub(r"[^\n]", " ", piece)
        code.append(piece if kind == "code" else blank)
        notes.append(piece if kind in ("line", "block") else blank)
        i += take
    return "".join(code), "".join(notes)


class Source:
    """One file. Lines count from 1."""

    def __init__(self, path, text):
        self.path = path
        self.text = text

    @functools.cached_property
    def lines(self):
        return self.text.split("\n")

    @functools.cached_property
    def _split(self):
        return split(self.text)

    @property
    def code(self):
        return self._split[0]

    @functools.cached_property
    def code_lines(self):
        return self._split[0].split("\n")

    @functools.cached_property
    def comment_lines(self):
        return [line.strip() for line in self._split[1].split("\n")]

    @functools.cached_property
    def card(self):
        """The comment block that opens the file, without its slashes."""
        card = []
        for line in self.lines:
            if not line.startswith("//"):
                break
            card.append(line[2:])
        return card

    def line_of(self, offset):
        return self.text.count("\n", 0, offset) + 1

    def matches(self, pattern):
        """(line, match) for every match in the code."""
        for match in re.finditer(pattern, self.code):
            yield self.line_of(match.start()), match

    def directives(self, word):
        """(line, rest) of every preprocessor directive whose name begins with `word`."""
        for number, line in enumerate(self.lines, 1):
            match = re.match(rf"\s*#\s*({word}\w*)\b(.*)", line)
            if match and self.code_lines[number - 1].strip().startswith("#"):
                yield number, match[2].strip()

    def includes(self):
        """(line, name, form) of every include; form is '<' or '"'."""
        for number, rest in self.directives("include"):
            match = re.match(r'([<"])([^>"]+)[>"]', rest)
            if match:
                yield number, match[2], match[1]


class Tree:
    """The files of one root that are ours, by their path from it."""

    def __init__(self, root):
        self.root = pathlib.Path(root)

    @functools.cached_property
    def paths(self):
        found = []
        pending = [self.root]
        while pending:
            folder = pending.pop()
            for entry in sorted(folder.iterdir()):
                if entry.name in NOT_OURS or entry.is_symlink():
                    continue
                if entry.is_dir():
                    pending.append(entry)
                elif entry.name != "expected":
                    found.append(entry.relative_to(self.root).as_posix())
        return sorted(found)

    @functools.cache
    def source(self, path):
        return Source(path, (self.root / path).read_text(encoding="utf-8", errors="replace"))

    def sources(self, *patterns, but=()):
        """Sources whose path matches one of `patterns` (regular expressions, from its start) and none of `but`."""
        for path in self.paths:
            if any(re.match(p, path) for p in patterns) and not any(re.match(p, path) for p in but):
                yield self.source(path)

    def cpp(self, *folders, but=()):
        for source in self.sources(*(re.escape(f) for f in folders or ("",)), but=but):
            if source.path.endswith(CPP):
                yield source
