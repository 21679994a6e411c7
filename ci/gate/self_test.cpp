#include "gate/self_test.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include <nlohmann/json.hpp>

namespace jacquard::gate {

namespace {

using nlohmann::json;

constexpr const char* written_at = "2026-01-02T03:04:05Z";

// What the records of one trial look like. The default keeps every gate.
struct story {
  std::string generated_at = written_at;
  std::string program = "aaaa";
  bool env = true;
  bool rows = true;
  bool broken = false;        // the figure, verdict or ratio is over the limit
  bool not_a_number = false;  //
  bool other_unit = false;    //
  std::string prefix;         // put before names: renamed
  std::size_t fewer = 0;      // rows left out
  std::size_t blocks = looks.back();
  bool unpaired = false;        // the base lacks a block
  double aa = 1.0;              // what the A/A arm shows
  double canary = 1.15 * 1.02;  // what the canary arm shows
  double far = 1.0;             // the candidate's ratio, once more
  double spread = 0.0;          // blocks of the candidate alternate by so much, up and down
  double quantum = 0.0;         // as a part of the value
  bool cut = false;             // the text ends in the middle of a line
};

// Noise of about 1 %, the same in every run of the test.
double noise(std::size_t block, std::size_t arm) {
  std::uint64_t z = (block * 977 + arm * 131 + 1) * 0x9e37'79b9'7f4a'7c15u;
  z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9u;
  z ^= z >> 27;
  return 1.0 + 0.02 * (static_cast<double>(z >> 11) / 9007199254740992.0 - 0.5);
}

std::string line(const json& object) { return object.dump() + "\n"; }

std::string environment(const story& told) {
  if (!told.env) return {};
  return line({{"kind", "env"},
               {"generated_at", told.generated_at},
               {"config_hash", "c0ffee"},
               {"programs", {{"jacquard-program", told.program}}}});
}

std::string rows_text(const gate& limits, const story& told) {
  std::string text;
  const bool at_most = limits.rule == gate_rule::at_most;
  const double distance = 0.001 + std::abs(limits.limit) * 0.01;
  const std::size_t count = limits.rows_min - std::min(limits.rows_min, told.fewer);
  for (std::size_t i = 0; told.rows && i < count; ++i) {
    double figure = limits.limit;
    if (limits.rule == gate_rule::sum_least) figure /= static_cast<double>(count);
    const bool last = i + 1 == count;
    if (told.broken && last) figure += at_most ? distance : -distance;
    json row{{"name", told.prefix + limits.example},
             {"verdict", limits.verdicts.empty() ? "noted" : limits.verdicts[0]},
             {"figure", figure},
             {"unit", told.other_unit ? "parsecs" : limits.unit},
             {"detail", "shown by the self-test"}};
    if (limits.field != "figure") row[limits.field] = figure;
    if (told.not_a_number && last) {
      row["figure"] = nullptr;
      if (limits.field != "figure") row[limits.field] = nullptr;
    }
    if (told.broken && last && limits.rule == gate_rule::verdicts) row["verdict"] = "BROKEN";
    text += line(row);
  }
  return text;
}

void add_arm(std::string& text, const gate& limits, const story& told, const std::string& arm,
             std::size_t number, double worse_by, bool lacks_one) {
  for (std::size_t block = 0; block < told.blocks; ++block) {
    if (lacks_one && block == 3) continue;
    const bool is_base =
        std::find(limits.bases.begin(), limits.bases.end(), arm) != limits.bases.end();
    const double swing = is_base ? 1.0 : 1.0 + (block % 2 == 0 ? told.spread : -told.spread);
    const double ratio = (limits.lower_is_worse ? 1.0 / worse_by : worse_by) * swing;
    const double value = 100.0 * ratio * noise(block, number);
    json sample{{"kind", "sample"},
                {"bench", told.prefix + limits.bench},
                {"metric", limits.metric},
                {"arm", arm},
                {"block", block},
                {"value", value},
                {"quantum", told.quantum * value}};
    if (told.not_a_number && block == 3 && number == 0) sample["value"] = nullptr;
    text += line(sample);
  }
}

std::string samples_text(const gate& limits, const story& told) {
  std::string text;
  if (!told.rows) return text;
  const bool budget = limits.rule == gate_rule::budget;
  const double kept = budget ? limits.limit * 0.85 : 1.0;
  const double ratio = (told.broken ? limits.limit * 1.10 : kept) * told.far;
  add_arm(text, limits, told, limits.arm, 0, ratio, false);
  std::size_t number = 1;
  for (const std::string& base : limits.bases) {
    add_arm(text, limits, told, base, number, 1.0, told.unpaired && number == 1);
    ++number;
  }
  if (!limits.aa.empty()) add_arm(text, limits, told, limits.aa, number++, ratio * told.aa, false);
  if (!limits.canary.empty()) {
    add_arm(text, limits, told, limits.canary, number++, ratio * told.canary, false);
  }
  return text;
}

record_set records_of(const gate& limits, const story& told) {
  std::string text = environment(told);
  text += limits.is_paired() ? samples_text(limits, told) : rows_text(limits, told);
  if (!limits.is_paired() && !limits.aa.empty() && told.rows) {
    add_arm(text, limits, told, limits.arm, 0, 1.0, told.unpaired);
    add_arm(text, limits, told, limits.aa, 1, told.aa, false);
  }
  if (told.cut) text.resize(text.size() - text.size() / 3);
  if (told.cut && !text.empty() && text.back() == '\n') text.pop_back();
  record_set records;
  read_records(records, limits.from + ".jsonl", text);
  return records;
}

struct named_story {
  const char* name;
  verdict demanded;
  story told;
  bool noise = false;
};

story changed(void (*change)(story&)) {
  story told;
  change(told);
  return told;
}

std::vector<named_story> stories_for(const gate& limits) {
  std::vector<named_story> all{
      {"kept", verdict::pass, {}},
      {"regression", verdict::fail, changed([](story& s) { s.broken = true; })},
      {"empty", verdict::missing, changed([](story& s) { s.rows = false; })},
      {"renamed", verdict::missing, changed([](story& s) { s.prefix = "renamed_"; })},
      {"truncated", verdict::missing, changed([](story& s) { s.cut = true; })},
      {"stale", verdict::stale, changed([](story& s) { s.generated_at = "2026-01-01T03:04:04Z"; })},
      {"future", verdict::stale,
       changed([](story& s) { s.generated_at = "2026-01-02T04:04:05Z"; })},
      {"no_time", verdict::stale, changed([](story& s) { s.generated_at = "yesterday"; })},
      {"no_env", verdict::stale, changed([](story& s) { s.env = false; })},
      {"rebuilt", verdict::stale, changed([](story& s) { s.program = "bbbb"; })},
  };
  const auto also = [&all](const char* name, verdict demanded, void (*change)(story&)) {
    all.push_back({.name = name, .demanded = demanded, .told = changed(change)});
  };
  const auto open = [&](const char* name, verdict demanded, void (*change)(story&)) {
    also(name, demanded, change);
    all.back().noise = limits.is_timing();
  };
  if (limits.is_paired()) {
    also("nan", verdict::missing, [](story& s) { s.not_a_number = true; });
    also("unpaired", verdict::missing, [](story& s) { s.unpaired = true; });
    also("too_few_blocks", verdict::undecided, [](story& s) { s.blocks = looks.front() - 1; });
    also("coarse_timer", verdict::undecided, [](story& s) { s.quantum = 0.05; });
    open("straddling", verdict::undecided, [](story& s) {
      s.broken = true;
      s.far = 0.99 / 1.10;
      s.spread = 0.05;
    });
    if (!limits.aa.empty()) {
      open("noisy_null", verdict::voided, [](story& s) { s.aa = 1.08; });
      open("noisy_null_loss", verdict::voided, [](story& s) { s.aa = 1.08, s.broken = true; });
      also("stale_noisy_null", verdict::stale,
           [](story& s) { s.aa = 1.08, s.generated_at = "2026-01-01T03:04:04Z"; });
      also("noisy_null_far", verdict::pass, [](story& s) { s.aa = 1.08, s.far = 0.4; });
      also("noisy_null_far_loss", verdict::fail,
           [](story& s) { s.aa = 1.08, s.broken = true, s.far = 2.5; });
    }
    if (!limits.canary.empty()) also("blind", verdict::voided, [](story& s) { s.canary = 1.0; });
    return all;
  }
  also("one_row_less", verdict::missing, [](story& s) { s.fewer = 1; });
  if (!limits.aa.empty()) {
    also("noisy_but_kept", verdict::pass, [](story& s) { s.aa = 1.08; });
    open("noisy_loss", verdict::voided, [](story& s) { s.aa = 1.08, s.broken = true; });
    also("unpaired_loss", verdict::missing, [](story& s) { s.unpaired = s.broken = true; });
  }
  if (limits.rule != gate_rule::verdicts) {
    also("nan", verdict::missing, [](story& s) { s.not_a_number = true; });
    if (limits.field == "figure") {
      also("other_unit", verdict::missing, [](story& s) { s.other_unit = true; });
    }
  }
  return all;
}

}  // namespace

std::vector<trial> try_gate(const gate& limits, const gates_file& file,
                            const judge_function& judge_with) {
  gate due = limits;
  due.planned.clear();
  const present against{.now = *parse_utc(written_at),
                        .age_max = file.age_max,
                        .future_max = file.future_max,
                        .program_digest = [](const std::string&) { return std::string("aaaa"); },
                        .source_digest = {}};
  std::vector<trial> trials;
  const auto show = [&](const gate& shown_to, const char* name, verdict demanded, const story& told,
                        bool noise = false) {
    const gate_result result = judge_with(shown_to, records_of(shown_to, told), against);
    trials.push_back({.gate = limits.id,
                      .shown = name,
                      .demanded = demanded,
                      .said = result.what,
                      .detail = result.detail,
                      .demanded_noise = noise,
                      .said_noise = result.noise_alone});
  };
  for (const named_story& each : stories_for(due)) {
    show(due, each.name, each.demanded, each.told, each.noise);
  }
  if (!limits.planned.empty()) {
    show(limits, "planned", verdict::planned, changed([](story& s) { s.rows = false; }));
    show(limits, "planned_but_here", verdict::stale, {});
  }
  return trials;
}

}  // namespace jacquard::gate
