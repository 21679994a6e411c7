// jacquard litmus: asks the memory model about programs written in text.
//
// Without a FILE, --list and --filter are about the programs that ship (shipped.hpp).
//
// Leaves with 0 where every program was answered, 1 where --no-races was asked for and a program has a
// data race, 2 for a text that does not parse or a wrong option, 3 for a file that is not there.
#include <fmt/core.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <jacquard/command/command.hpp>
#include <jacquard/model/explore/litmus/program.hpp>
#include <jacquard/model/explore/litmus/shipped.hpp>

namespace {

using namespace jacquard;
namespace litmus = model::explorer::litmus;
using nlohmann::json;

// --json may stand alone (standard output), because what follows it is usually a program. It takes a
// target as --json=FILE, as a lone '-', or as a word that ends in .json or .jsonl.
std::vector<std::string> with_json_target(int argc, char** argv) {
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--") {
      for (; i < argc; ++i) words.emplace_back(argv[i]);
      break;
    }
    if (word != "--json") {
      words.push_back(word);
      continue;
    }
    const std::string next = i + 1 < argc ? argv[i + 1] : "";
    if (next == "-" || next.ends_with(".json") || next.ends_with(".jsonl")) {
      words.push_back("--json=" + next);
      ++i;
    } else {
      words.emplace_back("--json=-");
    }
  }
  return words;
}

std::string read_text(const std::string& file) {
  if (std::filesystem::is_directory(file)) {
    command::lacks(fmt::format("{}: is a folder; name the files in it", file));
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) command::lacks(fmt::format("{}: no such file, or not readable", file));
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// What --json writes: the answer, and the five fields that every command's rows have.
json to_json(const litmus::source& text, const std::string& model, const litmus::answer& answer,
             bool no_races) {
  json outcomes = json::array();
  for (const auto& [end, count] : answer.outcomes) {
    json registers = json::object();
    json memory = json::object();
    for (std::size_t t = 0; t < text.threads.size(); ++t) {
      for (std::size_t r = 0; r < text.threads[t].registers.size(); ++r) {
        registers[fmt::format("{}:{}", t, text.threads[t].registers[r])] = end.first[t][r];
      }
    }
    for (std::size_t l = 0; l < text.locations.size(); ++l) {
      memory[text.locations[l]] = end.second[l];
    }
    outcomes.push_back({{"registers", registers}, {"memory", memory}, {"count", count}});
  }
  return {{"name", text.name},
          {"model", model},
          {"executions", answer.total.executions},
          {"blocked", answer.total.blocked},
          {"races", answer.races},
          {"outcomes", outcomes},
          {"verdict", no_races && answer.races > 0 ? "BROKEN" : "holds"},
          {"figure", answer.total.executions},
          {"unit", "executions"},
          {"detail", fmt::format("{} outcomes, {} blocked, {} executions with races",
                                 answer.outcomes.size(), answer.total.blocked, answer.races)}};
}

std::string to_text(const litmus::source& text, const std::string& model,
                    const litmus::answer& answer) {
  std::string out =
      fmt::format("{:<24} {:<6} {:>8} executions {:>6} blocked {:>6} with races\n", text.name,
                  model, answer.total.executions, answer.total.blocked, answer.races);
  for (const auto& [end, count] : answer.outcomes) {
    out += fmt::format("  {:>6} x ", count);
    for (std::size_t t = 0; t < text.threads.size(); ++t) {
      for (std::size_t r = 0; r < text.threads[t].registers.size(); ++r) {
        out += fmt::format(" {}:{}={}", t, text.threads[t].registers[r], end.first[t][r]);
      }
    }
    out += " ;";
    for (std::size_t l = 0; l < text.locations.size(); ++l) {
      out += fmt::format(" {}={}", text.locations[l], end.second[l]);
    }
    out += '\n';
  }
  out.pop_back();
  return out;
}

model::explorer::memory_model model_named(const std::string& name) {
  using model::explorer::memory_model;
  if (name == "c++20") return memory_model::cxx20;
  if (name == "sc") return memory_model::sc;
  command::refuse(fmt::format("--model: '{}' is not a model; allowed: c++20, sc", name));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Every execution of small programs under the C++20 memory model (no load buffering)",
               "jacquard litmus"};
  std::string model = "c++20";
  std::vector<std::string> files;
  command::shared_options shared;
  bool no_races = false;
  app.add_option("FILE", files,
                 "Programs in text; several in one file are separated by ---. With --list or "
                 "--filter it may be left "
                 "out: then they are about the programs that ship");
  app.add_option("--model", model, "c++20 (the default) or sc")->type_name("c++20|sc");
  app.add_flag("--list", shared.list, "Print the programs' names, one a line, and leave");
  app.add_option("--filter", shared.filter, "Only programs whose name matches")->type_name("REGEX");
  app.add_option("--json", shared.json,
                 "One JSON object a line, on standard output; or to --json=FILE")
      ->type_name("[=FILE|-]");
  app.add_flag("--no-races", no_races, "Leave with 1 where a program has a data race");

  std::vector<std::string> words = with_json_target(argc, argv);
  std::vector<char*> arguments{argv[0]};
  for (std::string& word : words) arguments.push_back(word.data());
  return command::run(app, static_cast<int>(arguments.size()), arguments.data(), [&] {
    const auto which = model_named(model);
    if (files.empty() && !shared.list && shared.filter.empty()) {
      command::refuse(
          "name at least one FILE, or programs that ship by --filter; see jacquard litmus --help");
    }
    std::vector<litmus::source> all;
    const auto add = [&](std::string_view text, const std::string& name) {
      try {
        for (litmus::source& each : litmus::parse(text, name)) all.push_back(std::move(each));
      } catch (const litmus::parse_error& error) {
        command::refuse(error.what());
      }
    };
    for (const std::string& file : files) add(read_text(file), file);
    if (files.empty()) {
      for (const litmus::shipped_file& each : litmus::shipped()) {
        add(each.text, std::string(each.name));
      }
    }
    const auto matches = command::matcher(shared.filter);
    std::erase_if(all, [&](const litmus::source& text) { return !matches(text.name); });
    if (all.empty()) {
      command::refuse(fmt::format("--filter: '{}' matches no program", shared.filter));
    }
    if (shared.list) {
      for (const litmus::source& text : all) fmt::print("{}\n", text.name);
      return command::outcome::held;
    }
    // With --json on standard output there are answers only, one object for each program; a file also says
    // where they come from.
    const bool answers_only = shared.json == "-";
    command::reporter out(answers_only ? command::shared_options{} : shared);
    bool raced = false;
    for (const litmus::source& text : all) {
      const litmus::answer answer = litmus::explore(text, which);
      raced = raced || answer.races > 0;
      const json object = to_json(text, model, answer, no_races);
      if (answers_only) {
        fmt::print("{}\n", object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
        std::fflush(stdout);
      } else {
        out.say(to_text(text, model, answer));
        out.record(object);
      }
    }
    out.finish();
    return raced && no_races ? command::outcome::found : command::outcome::held;
  });
}
