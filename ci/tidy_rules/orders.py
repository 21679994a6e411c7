"""Rules about memory orders: every edge has a name, two ends and a line in the card."""
import re

from .registry import rule
from .seams import NATIVE, NOT_PRODUCT, PRODUCT

# The seam itself, and what runs natively only, name orders without being checked.
NOT_ORDERED = NOT_PRODUCT + NATIVE
# A light or heavy fence is an order too: it is a sequentially consistent fence, where the other side's is heavy.
ORDER = (r"\bmemory_order(?:::|_)(relaxed|consume|acquire|release|acq_rel|seq_cst)\b"
         r"|\bSync::(fence_(?:light|heavy))\b")
OPERATION = r"[.>](load|store|exchange|fetch_(?:add|sub|or|and|xor)|compare_exchange_(?:weak|strong))\s*\("
SECTIONS = ("Shape", "Invariants", "Ordering", "Progress", "Allocation", "Checked by")


def ordered(tree):
    for source in tree.cpp(*PRODUCT, but=NOT_ORDERED):
        if re.search(ORDER, source.code):
            yield source


def notes(source, offset):
    """What is said about an order: the comment on its own line, and those around its statement."""
    code = source.code
    first = max(code.rfind(mark, 0, offset) for mark in ";{}") + 1
    first += len(code[first:]) - len(code[first:].lstrip())
    ends = [at for at in (code.find(";", offset), code.find("{", offset)) if at >= 0]
    top, bottom = source.line_of(first), source.line_of(min(ends) if ends else offset)
    if bottom < len(source.code_lines) and re.fullmatch(r"[\s})\];]*", source.code_lines[bottom]):
        bottom += 1  # the formatter moves the comment of a one-line function below it
    own = source.comment_lines[source.line_of(offset) - 1]
    around = [source.comment_lines[i - 1] for i in range(top, bottom + 1)]
    above = top - 1
    while above >= 1 and source.comment_lines[above - 1] and not source.code_lines[above - 1].strip():
        around.append(source.comment_lines[above - 1])
        above -= 1
    return own, " ".join(around)


def labels(text, order):
    """Labels in a comment that speak of this order, with the ends they make: (file's stem or '', label, ends).

    `E1 of idle_workers` is an end of the edge E1 in the card of idle_workers.hpp.
    """
    possible = {"acquire": {"acquire"}, "consume": {"acquire"}, "release": {"release"}}
    sides = possible.get(order, {"acquire", "release"})
    for match in re.finditer(r"\b(E\d+)\b(?:\s+(acquire|release)\b)?(?:\s+of (\w+))?", text):
        if match[2] is None:
            yield match[3] or "", match[1], sides
        elif match[2] in sides:
            yield match[3] or "", match[1], {match[2]}


def stem(source):
    return source.path.rsplit("/", 1)[-1].split(".")[0]


def card_labels(source):
    """Labels that the card's Ordering section defines, with their lines."""
    inside, found = False, {}
    for number, line in enumerate(source.card, 1):
        heading = re.match(r" (\w[\w ]*?)\s\s+", line)
        if re.match(r" \S", line):
            inside = bool(heading) and heading[1] == "Ordering"
        match = re.match(r" (?:Ordering)?\s+(E\d+)\b", line)
        if inside and match:
            found.setdefault(match[1], number)
    return found


@rule("edges", "a non-relaxed order carries its edge's label; the edge has two ends and stands in the card")
def edges(tree):
    listed, ends, first = {}, {}, {}
    for source in ordered(tree):
        home = stem(source)
        for label, line in card_labels(source).items():
            listed[home, label] = (source.path, line)
        for line, match in source.matches(ORDER):
            order = match[1] or match[2]
            if order == "relaxed":
                continue
            own, around = notes(source, match.start())
            said = list(labels(own, order)) or list(labels(around, order))
            if not said:
                yield source.path, line, f"{order} without its edge's label; write // E<n> {order} and list it in the card"
            for file, label, sides in said:
                edge = (file or home, label)
                first.setdefault(edge, (source.path, line))
                ends.setdefault(edge, set()).update(sides)
                if file and not re.search(rf"\b{file}\b", "\n".join(source.card)):
                    yield source.path, line, f"the card's Ordering does not say that this file has an end of {file}'s {label}"
    for edge, sides in ends.items():
        if edge not in listed:
            yield *first[edge], f"{edge[1]} is not in the card's Ordering of {edge[0]}; say there what it carries, from whom to whom"
        if len(sides) < 2:
            other = "acquire" if "release" in sides else "release"
            yield *first[edge], f"{edge[1]} has one end; label its {other}, or drop the order"
    for edge, (path, line) in listed.items():
        if edge not in ends:
            yield path, line, f"no order carries {edge[1]}; label both ends, or take it out of the card"


@rule("relaxed", "every relaxed order says why it is enough")
def relaxed(tree):
    for source in ordered(tree):
        for line, match in source.matches(ORDER):
            if match[1] == "relaxed" and not "".join(notes(source, match.start())).strip("/ "):
                yield source.path, line, "relaxed, and nobody says why that is enough; a few words on the line do"


@rule("orders-spelled", "every atomic operation spells its order: the default is seq_cst, and nobody sees it")
def orders_spelled(tree):
    for source in ordered(tree):
        for line, match in source.matches(OPERATION):
            depth, at = 1, match.end()
            while at < len(source.code) and depth:
                depth += {"(": 1, ")": -1}.get(source.code[at], 0)
                at += 1
            call = source.code[match.end():at]
            if "memory_order" not in call and not re.search(r"\border\b|\bsuccess\b", call):
                yield source.path, line, f"{match[1]} with the default order; write std::memory_order::... and its reason"


@rule("cards", "a concurrent file opens with its card, and the card says what checks each promise")
def cards(tree):
    for source in ordered(tree):
        text = "\n".join(source.card)
        lacking = [name for name in SECTIONS if not re.search(rf"^ {name}\b", text, re.M)]
        if lacking:
            yield source.path, 1, f"the card lacks {', '.join(lacking)}; write them at the top of the file"
            continue
        promised = re.findall(r"^ (?:Invariants|Ordering)?\s+([IE]\d+)\s", text, re.M)
        checked = text.split("\n Checked by", 1)[1]
        for kind, low, high in re.findall(r"\b([IE])(\d+)\s*(?:-|to)\s*\1?(\d+)\b", checked):
            checked += "".join(f" {kind}{n}" for n in range(int(low), int(high) + 1))
        for label in promised:
            if not re.search(rf"\b{label}\b", checked):
                yield source.path, 1, f"'Checked by' names nothing that checks {label}; name the check, or drop the promise"
