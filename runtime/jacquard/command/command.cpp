#include <jacquard/command/command.hpp>

#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <utility>

namespace jacquard::command {

namespace {

using clock = std::chrono::steady_clock;

std::string one_line(std::string text) {
  const std::size_t end = text.find('\n');
  if (end != std::string::npos) text.resize(end);
  return text;
}

std::string quoted(const std::string& word) {
  const bool plain = !word.empty() && word.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789_-+=./:,@%") == std::string::npos;
  if (plain) return word;
  std::string text = "'";
  for (const char c : word) {
    if (c == '\'') {
      text += "'\\''";
    } else {
      text += c;
    }
  }
  return text + "'";
}

std::uint64_t fnv1a(std::uint64_t digest, std::string_view bytes) {
  for (const char byte : bytes) {
    digest = (digest ^ static_cast<unsigned char>(byte)) * 0x100'0000'01b3u;
  }
  return digest;
}

}  // namespace

nlohmann::json to_json(const row& result) {
  nlohmann::json object = result.more.is_object() ? result.more : nlohmann::json::object();
  object["name"] = result.name;
  object["verdict"] = result.verdict;
  object["figure"] =
      std::isfinite(result.figure) ? nlohmann::json(result.figure) : nlohmann::json();
  object["unit"] = result.unit;
  object["detail"] = result.detail;
  return object;
}

std::string file_digest(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return {};
  std::uint64_t digest = 0xcbf2'9ce4'8422'2325u;
  std::array<char, 1 << 16> buffer;
  while (in.read(buffer.data(), buffer.size()) || in.gcount() > 0) {
    digest = fnv1a(digest, {buffer.data(), static_cast<std::size_t>(in.gcount())});
  }
  return fmt::format("{:016x}", digest);
}

nlohmann::json environment_record() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  std::ifstream arguments("/proc/self/cmdline", std::ios::binary);
  std::uint64_t settings = 0xcbf2'9ce4'8422'2325u;
  bool is_target = false;
  std::string word;
  (void)std::getline(arguments, word, '\0');  // the program's own name
  while (std::getline(arguments, word, '\0')) {
    if (!is_target && word != "--json" && !word.starts_with("--json=")) {
      settings = fnv1a(fnv1a(settings, word), "\n");
    }
    is_target = word == "--json";
  }
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  (void)gmtime_r(&now, &parts);
  std::array<char, 32> at{};
  (void)std::strftime(at.data(), at.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {{"kind", "env"},
          {"schema", 1},
          {"tool", self.filename().string()},
          {"version", version()},
          {"generated_at", at.data()},
          {"config_hash", fmt::format("{:016x}", settings)},
          {"programs", {{self.filename().string(), file_digest(self)}}}};
}

struct reporter::state {
  std::string target;
  std::string temporary;
  std::ofstream file;
  std::FILE* people = stdout;
  std::size_t rows = 0;
  bool progress_shown = false;
  clock::time_point last_progress{};
  bool finished = false;
  bool env_said = false;

  void clear_progress() {
    if (progress_shown && isatty(STDERR_FILENO) != 0) std::fputs("\r\x1b[K", stderr);
    progress_shown = false;
  }
};

reporter::reporter(const shared_options& options) : state_(std::make_unique<state>()) {
  state_->target = options.json;
  if (options.json == "-") {
    state_->people = stderr;
  } else if (!options.json.empty()) {
    state_->temporary = options.json + ".partial";
    std::error_code none;
    const bool a_folder = std::filesystem::is_directory(options.json, none);
    if (!a_folder) state_->file.open(state_->temporary, std::ios::trunc);
    if (a_folder || !state_->file) {
      refuse(fmt::format("--json: cannot write '{}'; name a file in a folder that exists, or -",
                         options.json));
    }
  }
}

reporter::~reporter() {
  state_->clear_progress();
  if (!state_->temporary.empty() && !state_->finished) {
    state_->file.close();
    std::error_code ignored;
    std::filesystem::remove(state_->temporary, ignored);
  }
}

void reporter::add(const row& result) {
  state_->clear_progress();
  ++state_->rows;
  fmt::print(state_->people, "{:<44} {:<10} {:>14} {:<14} {}\n", result.name, result.verdict,
             std::isfinite(result.figure) ? fmt::format("{:.10g}", result.figure) : "-",
             result.unit, result.detail);
  std::fflush(state_->people);
  record(to_json(result));
}

void reporter::record(const nlohmann::json& object) {
  if (state_->target.empty()) return;
  if (!std::exchange(state_->env_said, true) && object.value("kind", "") != "env") {
    record(environment_record());
  }
  const std::string text =
      object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  if (state_->target == "-") {
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
  } else {
    state_->file << text << std::flush;
  }
}

void reporter::say(std::string_view text) {
  state_->clear_progress();
  fmt::print(state_->people, "{}\n", text);
  std::fflush(state_->people);
}

void reporter::progress(std::string_view text) {
  const bool terminal = isatty(STDERR_FILENO) != 0;
  const auto now = clock::now();
  const auto pause = terminal ? std::chrono::milliseconds(100) : std::chrono::milliseconds(5000);
  if (state_->last_progress == clock::time_point{}) state_->last_progress = now;
  if (now - state_->last_progress < pause) return;
  state_->last_progress = now;
  if (terminal) {
    fmt::print(stderr, "\r\x1b[K{}", text);
    state_->progress_shown = true;
  } else {
    fmt::print(stderr, "{}\n", text);
  }
  std::fflush(stderr);
}

void reporter::finish() {
  state_->clear_progress();
  if (state_->temporary.empty() || state_->finished) return;
  state_->file.close();
  if (!state_->file) lacks(fmt::format("--json: writing '{}' failed", state_->target));
  std::filesystem::rename(state_->temporary, state_->target);
  state_->finished = true;
}

std::size_t reporter::rows() const noexcept { return state_->rows; }

void add_shared_options(CLI::App& app, shared_options& options) {
  app.add_flag("--list", options.list, "Print the names, one a line, and leave");
  app.add_option("--filter", options.filter, "Only names that match this regular expression")
      ->type_name("REGEX");
  app.add_option("--json", options.json, "Write one JSON object a line to FILE, or to - (stdout)")
      ->type_name("FILE|-");
}

std::function<bool(std::string_view)> matcher(const std::string& filter) {
  if (filter.empty()) {
    return [](std::string_view) { return true; };
  }
  std::regex expression;
  try {
    expression = std::regex(filter, std::regex::ECMAScript);
  } catch (const std::regex_error&) {
    refuse(fmt::format("--filter: '{}' is not a regular expression (ECMAScript)", filter));
  }
  return [expression](std::string_view name) {
    return std::regex_search(name.begin(), name.end(), expression);
  };
}

std::vector<std::string> select(const std::vector<std::string>& names, const std::string& filter,
                                std::string_view what) {
  const auto matches = matcher(filter);
  std::vector<std::string> chosen;
  for (const std::string& name : names) {
    if (matches(name)) chosen.push_back(name);
  }
  if (chosen.empty()) {
    refuse(fmt::format("--filter: '{}' matches none of the {} {}; --list names them", filter,
                       names.size(), what));
  }
  return chosen;
}

std::string repeat_line(const std::vector<std::string>& words) {
  std::string line = "jacquard";
  for (const std::string& word : words) line += ' ' + quoted(word);
  return line;
}

int run(CLI::App& app, int argc, char** argv, const std::function<outcome()>& body) {
  try {
    app.parse(argc, argv);
    return static_cast<int>(body());
  } catch (const CLI::CallForHelp&) {
    std::fputs(app.help().c_str(), stdout);
    return static_cast<int>(outcome::held);
  } catch (const CLI::CallForAllHelp&) {
    std::fputs(app.help("", CLI::AppFormatMode::All).c_str(), stdout);
    return static_cast<int>(outcome::held);
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "{}: {}; see {} --help\n", app.get_name(), one_line(error.what()),
               app.get_name());
    return static_cast<int>(outcome::usage);
  } catch (const failure& error) {
    fmt::print(stderr, "{}: {}\n", app.get_name(), one_line(error.what()));
    return static_cast<int>(error.code());
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: could not run: {}\n", app.get_name(), one_line(error.what()));
    return static_cast<int>(outcome::usage);
  }
}

std::string_view version() noexcept { return JACQUARD_VERSION; }

}  // namespace jacquard::command
