"""What ci/contract_test tries: a quick run of every command, and every kind of bad input."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Command:
    """`quick`: arguments of a run of seconds. `items`: what must come before --filter, if anything."""
    quick: tuple = ()
    items: tuple = ()


@dataclasses.dataclass(frozen=True)
class Bad:
    """Arguments that must be refused with `code` and one line in which each of `says` is found."""
    arguments: tuple
    code: int
    says: tuple
    files: dict = dataclasses.field(default_factory=dict)


COMMANDS = {
    "version": Command(),
}

BAD_INPUT = {
    "front.command_unknown": Bad(("weave",), 2, ("weave", "check", "sim")),
    "front.flag_unknown": Bad(("--weave",), 2, ("--weave",)),
}
