// jacquard report: one self-contained page from records.
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <jacquard/command/command.hpp>

#include "report/evidence.hpp"
#include "report/html.hpp"
#include "report/sections.hpp"

namespace {

namespace fs = std::filesystem;
namespace report = jacquard::report;
using namespace jacquard::command;

struct settings {
  shared_options shared;
  std::vector<std::string> in{"out/results"};
  std::string out = "out/report.html";
};

std::string body_of(const std::vector<report::section>& parts, const report::evidence& all,
                    const std::string& when) {
  const auto count = [&all](report::standing means) {
    return std::count_if(all.claims.begin(), all.claims.end(),
                         [means](const report::claim& each) { return each.means == means; });
  };
  const auto open = count(report::standing::found) + count(report::standing::undecided) +
                    count(report::standing::missing);
  std::string html = fmt::format(
      "<header><h1>Jacquard: the evidence</h1>\n<p class=\"lead\">{} claims hold. {}</p>\n"
      "<p class=\"soft\">Written {} by jacquard {}. Every line names the command that repeats "
      "it.</p></header>\n",
      report::shown(static_cast<double>(count(report::standing::held))),
      open == 0
          ? "Nothing is open."
          : fmt::format("{} {} to be looked at.", open, open == 1 ? "line wants" : "lines want"),
      when, version());
  html += "<nav>";
  for (const report::section& part : parts) {
    if (!part.title.empty()) {
      html += fmt::format("<a href=\"#{}\">{}</a>", part.id, report::escaped(part.title));
    }
  }
  html += "</nav>\n";
  for (const report::section& part : parts) {
    html += fmt::format("<section id=\"{}\">\n", part.id);
    if (!part.title.empty()) html += fmt::format("<h2>{}</h2>\n", report::escaped(part.title));
    html += part.html + "</section>\n";
  }
  return html;
}

void write(const fs::path& target, const std::string& text) {
  std::error_code error;
  fs::path partial = target;
  partial += ".partial";
  std::ofstream file(partial, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) {
    refuse(fmt::format("--out: cannot write '{}'; name a file in a folder that exists",
                       target.string()));
  }
  fs::rename(partial, target, error);
  if (error) refuse(fmt::format("--out: cannot write '{}': {}", target.string(), error.message()));
}

outcome body(const settings& set) {
  const std::vector<std::string> names =
      select(report::section_names(), set.shared.filter, "sections");
  if (set.shared.list) {
    for (const std::string& name : names) fmt::print("{}\n", name);
    return outcome::held;
  }
  std::vector<fs::path> paths;
  std::vector<std::string> absent;
  for (const std::string& path : set.in) {
    if (fs::exists(path)) {
      paths.emplace_back(path);
    } else {
      absent.push_back(path);
    }
  }
  if (paths.empty()) lacks(fmt::format("--in: '{}' does not exist", absent.front()));
  report::evidence all = report::gather(jacquard::gate::read_records(paths));
  for (const std::string& path : absent) {
    all.claims.push_back({.source = "input",
                          .name = path,
                          .verdict = "MISSING",
                          .means = report::standing::missing,
                          .figure = "-",
                          .unit = {},
                          .detail = "was named and does not exist",
                          .repeat = {},
                          .says = {}});
  }
  std::vector<report::section> parts = report::sections_of(all);
  std::erase_if(parts, [&names](const report::section& part) {
    return std::find(names.begin(), names.end(), part.id) == names.end();
  });
  const std::string when = environment_record().at("generated_at").get<std::string>();
  const std::string page = report::page("Jacquard: the evidence", body_of(parts, all, when));
  write(set.out, page);

  if (!all.records.problems.empty()) {
    lacks(fmt::format("{}; the page is written, and says so", all.records.problems.front().text()));
  }
  reporter out(set.shared);
  for (const report::section& part : parts) {
    out.add({.name = part.id,
             .verdict = part.records == 0 ? "MISSING" : "holds",
             .figure = static_cast<double>(part.records),
             .unit = "records",
             .detail = part.records == 0 ? "nothing was handed in for it; the page says so" : ""});
  }
  for (const report::claim& each : all.claims) {
    if (each.verdict != "MISSING" || (each.name != each.source && each.source != "input")) continue;
    out.add({.name = each.name,
             .verdict = each.verdict,
             .figure = 0.0,
             .unit = "records",
             .detail = each.detail});
  }
  out.say(fmt::format("report: {} claims from {} sources on one page of {} kB: {}",
                      all.claims.size(), all.records.sources.size(), page.size() / 1000, set.out));
  out.finish();
  const bool whole = all.missing_sources == 0 && absent.empty();
  return whole ? outcome::held : outcome::missing;
}

}  // namespace

int main(int argc, char** argv) {
  settings set;
  CLI::App app{
      "One self-contained page from records: no script, no network, light and dark.\n"
      "Exit 3 where records are missing or malformed; the page is written and says which.",
      "jacquard report"};
  add_shared_options(app, set.shared);
  app.add_option("--in", set.in, "Results: folders of *.jsonl, or files")->type_name("PATH...");
  app.add_option("--out", set.out, "The page")->type_name("FILE");
  return run(app, argc, argv, [&] { return body(set); });
}
