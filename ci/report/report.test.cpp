// The page: nothing is dropped in silence, nothing can break out of its place, and nothing needs a network.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

#include "report/charts.hpp"
#include "report/evidence.hpp"
#include "report/html.hpp"
#include "report/sections.hpp"

namespace jacquard::report {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* env =
    R"({"kind":"env","generated_at":"2026-11-21T03:46:00Z","config_hash":"c","cpu":"a < b"})"
    "\n";

std::string row(const std::string& name, const std::string& verdict) {
  return R"({"name":")" + name + R"(","verdict":")" + verdict +
         R"(","figure":1.5,"unit":"x","detail":"why <b>not</b>"})" + "\n";
}

evidence of(const std::vector<std::pair<std::string, std::string>>& files) {
  gate::record_set records;
  for (const auto& [name, text] : files) gate::read_records(records, name, text);
  return gather(std::move(records));
}

std::string whole_page(const evidence& all) {
  std::string body;
  for (const section& part : sections_of(all)) body += part.html;
  return page("t", body);
}

TEST(report, every_expected_source_that_is_absent_has_a_row) {
  const evidence all = of({{"audit.jsonl", env + row("ring.send", "PASS")}});
  EXPECT_EQ(all.missing_sources, expected_sources().size() - 1);
  const std::string text = whole_page(all);
  for (const expected_source& each : expected_sources()) {
    if (each.name == "audit") continue;
    EXPECT_THAT(text, HasSubstr(each.name + ".jsonl was not handed in"));
    EXPECT_THAT(text, HasSubstr(escaped(each.command)));
  }
  EXPECT_THAT(text, Not(HasSubstr("audit.jsonl was not handed in")));
}

TEST(report, a_malformed_file_is_a_row_and_not_a_gap) {
  const evidence all = of({{"bench.jsonl", std::string(env) + "{oops}\n"}});
  EXPECT_THAT(whole_page(all), HasSubstr("bench.jsonl:2:2"));
  EXPECT_THAT(whole_page(all), HasSubstr("MALFORMED"));
}

TEST(report, every_claim_has_its_verdict_figure_and_repeat_command) {
  const evidence all = of({{"check.relacy.jsonl", env + row("push_vs_park.1.ring", "holds")},
                           {"check.bugs.jsonl", env + row("lost_close", "MISSED")},
                           {"sim.jsonl", env + row("steady.ring", "holds")}});
  const std::string text = whole_page(all);
  EXPECT_THAT(text, HasSubstr(escaped(R"(jacquard check --filter '^push_vs_park\.1\.ring$')")));
  EXPECT_THAT(text, HasSubstr(escaped("jacquard check --seeded-bugs --filter '^lost_close$'")));
  EXPECT_THAT(text, HasSubstr(escaped(R"(jacquard sim campaign --filter '^steady\.ring$')")));
  EXPECT_THAT(text, HasSubstr("0 of 1</b><span>seeded bugs caught"));
}

TEST(report, a_verdict_that_nobody_knows_is_looked_at) {
  EXPECT_EQ(standing_of("GREAT"), standing::undecided);
  EXPECT_EQ(standing_of(""), standing::undecided);
  EXPECT_EQ(standing_of("truncated"), standing::undecided);
  EXPECT_EQ(standing_of("NOT SEEN"), standing::missing);
  EXPECT_EQ(standing_of("pass"), standing::held);
}

TEST(report, the_page_needs_no_script_and_no_network) {
  const std::string text = whole_page(of({{"audit.jsonl", env + row("ring.send", "PASS")}}));
  for (const char* word : {"<script", "http:", "https:", "src=", "@import", "url(", "<link"}) {
    EXPECT_THAT(text, Not(HasSubstr(word)));
  }
  EXPECT_THAT(text, HasSubstr("prefers-color-scheme:dark"));
}

TEST(report, text_from_records_stays_text) {
  const std::string text =
      whole_page(of({{"audit.jsonl", env + row("<script>alert(1)</script>", "PASS")}}));
  EXPECT_THAT(text, Not(HasSubstr("<script")));
  EXPECT_THAT(text, Not(HasSubstr("<b>not</b>")));
  EXPECT_THAT(text, HasSubstr("a &lt; b"));
}

RC_GTEST_PROP(report_property, escaped_text_holds_no_markup, (std::string text)) {
  const std::string safe = escaped(text);
  for (const char c : {'<', '>', '"', '\''}) RC_ASSERT(safe.find(c) == std::string::npos);
}

TEST(figures, are_shown_as_people_write_them) {
  EXPECT_EQ(shown(std::nullopt), "-");
  EXPECT_EQ(shown(std::nan("")), "-");
  EXPECT_EQ(shown(0.0), "0");
  EXPECT_EQ(shown(0.0156), "0.016");
  EXPECT_EQ(shown(11.849), "11.85");
  EXPECT_EQ(shown(1234567.0), "1,234,567");
  EXPECT_EQ(shown(-1234.0), "-1,234");
  EXPECT_EQ(shown(-123.0), "-123");
}

TEST(charts, draw_nothing_from_nothing) {
  EXPECT_EQ(spectrum({}, "ns"), "");
  EXPECT_EQ(spectrum({{.label = "a", .ours = true, .points = {{50.0, 1.0}}}}, "ns"), "");
  EXPECT_EQ(forest({}), "");
}

TEST(charts, hold_no_number_that_is_not_one) {
  const double infinite = std::numeric_limits<double>::infinity();
  const std::string ratios = forest({{.label = "a",
                                      .note = "",
                                      .ratio = 1.2,
                                      .low = 0.0,
                                      .high = infinite,
                                      .limit = 1.1,
                                      .means = standing::undecided},
                                     {.label = "b",
                                      .note = "",
                                      .ratio = 900.0,
                                      .low = 800.0,
                                      .high = 1000.0,
                                      .limit = 1.1,
                                      .means = standing::found}});
  const std::string lines =
      spectrum({{.label = "a",
                 .ours = true,
                 .points = {{50.0, 10.0}, {99.0, 0.0}, {99.9, 5e7}, {100.0, 9e9}}}},
               "ns");
  for (const std::string& drawn : {ratios, lines}) {
    EXPECT_THAT(drawn, HasSubstr("<svg"));
    EXPECT_THAT(drawn, Not(HasSubstr("nan")));
    EXPECT_THAT(drawn, Not(HasSubstr("inf")));
  }
  EXPECT_THAT(lines, HasSubstr("99.9 %"));
}

TEST(charts, the_cloth_has_a_square_for_every_claim) {
  std::vector<claim> claims(200, {.source = "a",
                                  .name = "n",
                                  .verdict = "holds",
                                  .means = standing::held,
                                  .figure = {},
                                  .unit = {},
                                  .detail = {},
                                  .repeat = {},
                                  .says = {}});
  const std::string drawn = cloth(claims);
  std::size_t squares = 0;
  for (std::size_t at = 0; (at = drawn.find("<rect", at)) != std::string::npos; ++at) ++squares;
  EXPECT_EQ(squares, 200u);
}

}  // namespace
}  // namespace jacquard::report
