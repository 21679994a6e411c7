"""Rules about the two seams: what runtime/ may touch, and who may depend on whom."""
import re

from .registry import rule

PRODUCT = ("runtime/",)
# Tests and examples may use threads and clocks as any program does; command/ is the tools' own code, not the product.
NOT_PRODUCT = (r".*\.test\.cpp$", r"runtime/examples/", r"runtime/jacquard/command/")
NATIVE = (r"runtime/jacquard/sync/", r"runtime/jacquard/env/native")
# What a check compiles against a model must reach shared memory through the policy, too.
CHECKED = ("model_checks/checks/", "model_checks/seeded_bugs/")
SIMULATED = ("simulation/jacquard/sim/", "simulation/scenarios/")


def words(tree, table, folders, but):
    for source in tree.cpp(*folders, but=but):
        for pattern, instead in table:
            for line, match in source.matches(pattern):
                yield source.path, line, f"{match[0].strip()} here; {instead}"


THREADS = (
    (r"\bstd::atomic(_\w+)?\b(?<!_fence)", "use sync::atomic<Sync, T>"),
    (r"\bstd::(recursive_|shared_|timed_)?mutex\b", "use typename Sync::mutex"),
    (r"\bstd::(lock_guard|unique_lock|scoped_lock|shared_lock)\b", "use sync::lock_guard<Sync>"),
    (r"\bstd::condition_variable(_any)?\b", "use basic_event_count<Sync> or basic_parker<Sync>"),
    (r"\bstd::j?thread\b", "ask the environment for a worker"),
    (r"\bstd::this_thread\b", "use Sync::spin_hint(), Sync::await(condition) or Sync::this_thread()"),
    (r"\bstd::(counting_semaphore|binary_semaphore|latch|barrier)\b", "build it on Sync::wait and Sync::wake_one"),
    (r"\bvolatile\b", "use sync::atomic<Sync, T>"),
)


@rule("threads", "atomics, locks and threads come through Sync, or a model cannot see them")
def threads(tree):
    yield from words(tree, THREADS, PRODUCT + CHECKED, NOT_PRODUCT + NATIVE)
    yield from words(tree, ((r"\bthread_local\b", "key it by Sync::this_thread()"),), PRODUCT, NOT_PRODUCT + NATIVE)
    for source in tree.cpp(*PRODUCT, *CHECKED, but=NOT_PRODUCT + NATIVE):
        for line, name, _ in source.includes():
            if name in ("mutex", "shared_mutex", "thread", "condition_variable", "semaphore", "latch", "barrier",
                        "pthread.h", "future"):
                yield source.path, line, f"#include <{name}> here; include <jacquard/sync/policy.hpp>"


@rule("fences", "a fence is Sync::fence, with its edge's label")
def fences(tree):
    table = ((r"\b(std::)?atomic_(thread|signal)_fence\b", "use Sync::fence(order)"),
             (r"\b__sync_synchronize\b|\b__atomic_\w+|\b_mm_[lms]fence\b", "use Sync::fence or sync::atomic"))
    yield from words(tree, table, PRODUCT + CHECKED, NOT_PRODUCT + NATIVE)


@rule("clocks", "time comes from the policy or the environment, so that it can be simulated")
def clocks(tree):
    pattern = (r"\b(std::chrono::)?(steady|system|high_resolution|utc)_clock\b"
               r"|\bclock_gettime\b|\bgettimeofday\b|\b__rdtscp?\b|\bnanosleep\b|\bstd::time\b")
    yield from words(tree, ((pattern, "use Sync::after(delay) or the environment's now()"),),
                     PRODUCT, NOT_PRODUCT + NATIVE)
    yield from words(tree, ((pattern, "use the world's virtual clock"),), SIMULATED,
                     NOT_PRODUCT + (r".*/(command|main|campaign_command)\.\w+$",))


@rule("randomness", "chance comes from a seeded, keyed source, so that a seed repeats a run on every machine")
def randomness(tree):
    table = ((r"\bstd::(uniform_\w+|normal|exponential|bernoulli|poisson|discrete)_distribution\b",
              "draw integers from the keyed source: standard distributions differ between libraries"),
             (r"\bstd::(mt19937(_64)?|minstd_rand0?|default_random_engine|random_device|shuffle|sample)\b",
              "draw from the keyed source"),
             (r"(?<![\w.>:])(std::)?s?rand(om)?\s*\(", "draw from the keyed source"))
    yield from words(tree, table, PRODUCT + SIMULATED + CHECKED, (r".*\.test\.cpp$",))


ENGINE = r"\b(relacy|explore[dr]?|perturbed|weakened|JACQUARD_(MODEL|RELACY|EXPLORE|PERTURBED|SIM)\w*|rl::)"


@rule("engine-names", "runtime/ knows no engine: what the checks compile is what ships")
def engine_names(tree):
    for source in tree.cpp(*PRODUCT, but=(r"runtime/jacquard/command/",)):
        for line, match in source.matches(ENGINE):
            yield source.path, line, f"'{match[0]}' here; say it through sync::policy, and let the engine's room differ"
        for line, rest in source.directives("(?:el)?if"):
            if re.search(r"RELACY|EXPLORE|PERTURBED|MODEL|LOOM|SIMULAT|BACKEND|UNDER_TEST", rest):
                yield source.path, line, "a switch on who runs this; a difference belongs into a sync policy"


@rule("test-libraries", "runtime/ includes no test library; tests stand in *.test.cpp")
def test_libraries(tree):
    pattern = re.compile(r"(gtest|gmock|rapidcheck|benchmark|relacy|catch2|doctest|valgrind)[/.]")
    for source in tree.cpp(*PRODUCT, but=(r".*\.test\.cpp$",)):
        for line, name, _ in source.includes():
            if pattern.match(name):
                yield source.path, line, f"#include <{name}> here; move what needs it to a *.test.cpp or another room"


@rule("one-relacy", "exactly one file includes Relacy, which defines malloc, free, assert and $")
def one_relacy(tree):
    places = [(source.path, line) for source in tree.cpp()
              for line, name, _ in source.includes() if re.match(r"relacy/", name)]
    if len({path for path, _ in places}) > 1:
        for path, line in places:
            yield path, line, "one of several files that include Relacy; include the policy's header instead"
    if not places and any(path.startswith("model_checks/") for path in tree.paths):
        yield "model_checks", 1, "no file includes Relacy: the policy model::relacy is gone"


MAY_USE = {
    "runtime": set(),
    "model_checks": {"model"},
    "simulation": {"sim", "model"},
    "bench": {"bench"},
    "alloc_audit": {"audit", "alloc_audit", "bench"},
    "property_tests": {"model", "sim", "bench", "audit", "alloc_audit", "property"},
}
PRIVATE = {"model": "model_checks", "sim": "simulation", "bench": "bench", "audit": "alloc_audit",
           "alloc_audit": "alloc_audit", "property": "property_tests"}


@rule("arrows", "rooms depend in one direction: runtime <- checks, simulation, bench, audit <- properties <- ci")
def arrows(tree):
    for source in tree.cpp(*(f"{room}/" for room in MAY_USE)):
        room = source.path.split("/")[0]
        for line, name, _ in source.includes():
            parts = name.split("/")
            part = parts[1] if parts[0] == "jacquard" and len(parts) > 2 else ""
            if part in PRIVATE and part not in MAY_USE[room]:
                yield source.path, line, f"{room} does not depend on {PRIVATE[part]}; move what both need to runtime"


@rule("includes", "path = include: <jacquard/...> names a file of the tree, and nothing climbs with ../")
def includes(tree):
    known = {path.split("/", 1)[1] for path in tree.paths if "/" in path} | set(tree.paths)
    generators = "".join(s.text for s in tree.sources(r".*(CMakeLists\.txt|\.cmake|\.in)$"))
    for source in tree.cpp():
        for line, name, form in source.includes():
            if "../" in name:
                yield source.path, line, f'#include "{name}" climbs; name it from its room\'s root'
            elif name.startswith("jacquard/") and name not in known and name not in generators:
                yield source.path, line, f"there is no {name} in any room"
            elif form == '"' and source.path.startswith("runtime/"):
                yield source.path, line, f'#include "{name}"; write <jacquard/...> from the room\'s root'
