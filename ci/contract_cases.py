"""What ci/contract_test tries: a quick run of every command, and every kind of bad input."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Command:
    """`quick`: arguments of a run of seconds. `files`: what it reads. `json`: how its --json takes a value."""
    quick: tuple = ()
    files: dict = dataclasses.field(default_factory=dict)
    json: str = "--json {}"


@dataclasses.dataclass(frozen=True)
class Bad:
    """Arguments that must be refused with `code` and one line in which each of `says` is found."""
    arguments: tuple
    code: int
    says: tuple
    files: dict = dataclasses.field(default_factory=dict)


LITMUS = """name: SB
init: x=0 y=0
thread:
store x 1 rlx
r0 = load y rlx
thread:
store y 1 rlx
r0 = load x rlx
"""
ROW = '{"name":"a","verdict":"holds","figure":1,"unit":"runs","detail":""}\n'
ENV = '{"kind":"env","generated_at":"2026-11-21T03:46:00Z","config_hash":"0"}\n'
RESULTS = {"results/check.jsonl": ENV + ROW}
WHOLE = {f"results/{source}.jsonl": ENV + ROW  # what a report wants to be whole
         for source in ("gate", "check.relacy", "check.explore", "check.perturbed", "check.stress", "check.bugs", "litmus", "codegen",
                        "properties", "sim", "bench", "audit", "idle")}
TORN = {"results/check.jsonl": ENV + ROW[:40]}
NOT_JSON = {"results/check.jsonl": ENV + "not json\n"}
BUDGETS_WRONG = {"budgets.toml": "gate = 'what'\n[[[\n"}

PLAN = 'schema = 1\nscenario = "steady.ring"\nseed = "0x1"\n'
FAULT = '\n[[fault]]\nid = "burst1"\nkind = "burst"\nat = "191735ns"\nfor = "179132ns"\npercent = 25\n'

COMMANDS = {
    "version": Command(),
    "check": Command(quick=("--engine", "relacy", "--filter", "parker", "--seconds", "2")),
    "litmus": Command(quick=("p.litmus",), files={"p.litmus": LITMUS}, json="--json={}"),
    "sim": Command(quick=("--filter", "^steady")),
    "bench": Command(quick=("--tiny", "--filter", "bench_dequeue")),
    "audit": Command(quick=("--native-only", "--filter", "^ring\\.send$")),
    "idle": Command(quick=("--seconds", "0.2")),
    "gate": Command(quick=("--self-test",)),
    "report": Command(quick=("--in", "results", "--out", "report.html"), files=WHOLE),
}

BAD_INPUT = {
    "front.command_unknown": Bad(("weave",), 2, ("weave", "check", "sim")),
    "front.flag_unknown": Bad(("--weave",), 2, ("--weave",)),
    "front.json_folder": Bad(("version", "--json", "."), 2, ("--json", r"'\.'", "file")),

    "check.engine_unknown": Bad(("check", "--engine", "genmc"), 2, ("genmc", "relacy", "perturbed")),
    "check.search_unknown": Bad(("check", "--engine", "relacy", "--search", "lucky"), 2, ("lucky", "full")),
    "check.search_unheeded": Bad(("check", "--engine", "perturbed", "--search", "full"), 2,
                                 ("--search 'full'", "perturbed", "pct")),
    "check.depth_unheeded": Bad(("check", "--engine", "relacy", "--depth", "3"), 2, ("--depth '3'", "--search pct")),
    "check.mutate_path_alone": Bad(("check", "--mutate-path", "("), 2, (r"--mutate-path '\('", "only with --mutate")),
    "check.bound_out_of_range": Bad(("check", "--bound", "0"), 2, ("bound", "0", "1")),
    "check.seed_no_number": Bad(("check", "--seed", "banana"), 2, ("seed", "banana")),
    "check.seconds_negative": Bad(("check", "--seconds", "-1"), 2, ("seconds", "-1")),
    "check.schedule_malformed": Bad(("check", "--engine", "relacy", "--filter", "parker", "--schedule", "x y z"),
                                    2, ("schedule",)),

    "litmus.file_missing": Bad(("litmus", "nowhere.litmus"), 3, ("nowhere.litmus",)),
    "litmus.file_none": Bad(("litmus",), 2, ("FILE",)),
    "litmus.model_unknown": Bad(("litmus", "--model", "x86", "p.litmus"), 2, ("x86", "c\\+\\+20", "sc"),
                                {"p.litmus": LITMUS}),
    "litmus.malformed": Bad(("litmus", "p.litmus"), 2, (r"p\.litmus:4:\d+", "rel"),
                            {"p.litmus": LITMUS.replace("rlx", "sometimes", 1)}),

    "sim.scenario_unknown": Bad(("sim", "run", "no_such_story", "--seed", "1"), 2, ("no_such_story", "--list")),
    "sim.seed_no_number": Bad(("sim", "run", "steady.ring", "--seed", "banana"), 2, ("seed", "banana")),
    "sim.seed_negative": Bad(("sim", "run", "steady.ring", "--seed", "-3"), 2, ("seed", "-3")),
    "sim.seeds_backwards": Bad(("sim", "campaign", "--seeds", "9..1"), 2, ("seeds", r"9\.\.1", r"A\.\.B")),
    "sim.seeds_malformed": Bad(("sim", "campaign", "--seeds", "some"), 2, ("seeds", "some", r"A\.\.B")),
    "sim.shard_out_of_range": Bad(("sim", "campaign", "--seeds", "1..2", "--shard", "3/2"), 2, ("shard", "3/2")),
    "sim.plan_missing": Bad(("sim", "run", "steady.ring", "--plan", "nowhere.toml"), 3, (r"nowhere\.toml",)),
    "sim.plan_malformed": Bad(("sim", "run", "steady.ring", "--plan", "p.toml"), 2, (r"p\.toml",),
                              {"p.toml": "scenario = [\n"}),
    "sim.plan_key_unknown": Bad(("sim", "run", "steady.ring", "--plan", "p.toml"), 2, (r"p\.toml", "speed", "seed"),
                                {"p.toml": PLAN + "speed = 9\n"}),
    "sim.plan_capacity_zero": Bad(("sim", "run", "steady.ring", "--plan", "p.toml"), 2,
                                  (r"p\.toml", "capacity = 0", r"\[1, 1048576\]"),
                                  {"p.toml": PLAN + "capacity = 0\n"}),
    "sim.plan_batch_65": Bad(("sim", "run", "steady.ring", "--plan", "p.toml"), 2,
                             (r"p\.toml", "batch = 65", r"\[1, 64\]"),
                             {"p.toml": PLAN + "batch = 65\n"}),
    "sim.plan_percent_negative": Bad(("sim", "run", "steady.ring", "--plan", "p.toml"), 2,
                                     (r"p\.toml", "percent", "-1"),
                                     {"p.toml": PLAN + FAULT.replace("percent = 25", "percent = -1")}),
    "sim.canary_unknown": Bad(("sim", "run", "steady.ring", "--canary", "dodo"), 2, ("canary", "dodo")),
    "sim.trace_missing": Bad(("sim", "diff", "a.json", "b.json"), 3, (r"a\.json",)),

    "bench.blocks_out_of_range": Bad(("bench", "--blocks", "0"), 2, ("blocks", "0", "1000")),
    "bench.placement_unknown": Bad(("bench", "--placement", "moon"), 2, ("moon", "same-core", "cross-core")),
    "bench.seed_no_number": Bad(("bench", "--seed", "banana"), 2, ("seed", "banana")),
    "bench.sizes_contradict": Bad(("bench", "--quick", "--full"), 2, ("quick", "full")),

    "idle.seconds_out_of_range": Bad(("idle", "--seconds", "0"), 2, ("seconds", "0", "3600")),
    "audit.op_unknown": Bad(("audit", "--op", "ring.teleport"), 2, (r"ring\.teleport",)),
    "audit.n_out_of_range": Bad(("audit", "--n", "5"), 2, ("--n", "5", "4096", "1048576")),
    "audit.budgets_missing": Bad(("audit", "--budgets", "nowhere.toml", "--native-only"), 2, (r"nowhere\.toml",)),
    "audit.budgets_malformed": Bad(("audit", "--budgets", "budgets.toml", "--native-only"), 2, (r"budgets\.toml",),
                                   BUDGETS_WRONG),

    "gate.results_missing": Bad(("gate", "--in", "nowhere"), 3, ("nowhere",)),
    "gate.budgets_missing": Bad(("gate", "--in", "results", "--budgets", "nowhere.toml"), 2, (r"nowhere\.toml",),
                                RESULTS),
    "gate.budgets_malformed": Bad(("gate", "--in", "results", "--budgets", "budgets.toml"), 2, (r"budgets\.toml",),
                                  RESULTS | BUDGETS_WRONG),
    "gate.undecided_unknown": Bad(("gate", "--in", "results", "--undecided", "maybe"), 2, ("maybe", "fail, tell"), RESULTS),
    "gate.now_malformed": Bad(("gate", "--in", "results", "--now", "yesterday"), 2, ("yesterday",), RESULTS),

    "report.results_missing": Bad(("report", "--in", "nowhere", "--out", "r.html"), 3, ("nowhere",)),
    "report.results_torn": Bad(("report", "--in", "results", "--out", "r.html"), 3, (r"check\.jsonl", "2"), TORN),
    "report.results_malformed": Bad(("report", "--in", "results", "--out", "r.html"), 3, (r"check\.jsonl", "2"),
                                    NOT_JSON),
    "report.target_unwritable": Bad(("report", "--in", "results", "--out", "no/such/folder/r.html"), 2,
                                    ("no/such/folder",), RESULTS),
}
