"""How a rule is written: a function over a Tree that yields findings, with a name and one sentence."""
import dataclasses
import re
import typing

RULES = {}


@dataclasses.dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.message}"


@dataclasses.dataclass(frozen=True)
class Rule:
    name: str
    says: str
    check: typing.Callable


def rule(name, says):
    """Registers `check(tree)`, which yields (path, line, message)."""
    def register(check):
        RULES[name] = Rule(name, says, check)
        return check
    return register


def allowed(tree, found, name):
    """A line, or the one above it, may say `tidy allows <rule>: why`. Without a reason it allows nothing."""
    if found.path not in tree.paths:
        return False
    lines = tree.source(found.path).lines[max(0, found.line - 2):found.line]
    return any(re.search(rf"tidy allows {re.escape(name)}: \w.{{8,}}", line) for line in lines)


def findings(chosen, tree):
    found = {Finding(*each) for each in chosen.check(tree)}
    return sorted(each for each in found if not allowed(tree, each, chosen.name))
