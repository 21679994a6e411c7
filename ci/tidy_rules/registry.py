"""How a rule is written: a function over a Tree that yields findings, with a name and one sentence."""
import dataclasses
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


def findings(chosen, tree):
    return sorted({Finding(*found) for found in chosen.check(tree)})
