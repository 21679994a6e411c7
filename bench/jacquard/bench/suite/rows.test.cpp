// ROWS.md says which benchmark answers which requirement; this holds it to the catalogue.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include <jacquard/bench/catalogue.hpp>
#include <jacquard/bench/suite/catalogue.hpp>

namespace jacquard::bench::suite {
namespace {

struct row {
  std::string id;
  std::vector<std::string> names;
  std::string status;
};

std::vector<row> rows_of(std::istream& table) {
  std::vector<row> rows;
  const std::regex line_of_table(R"(\| ([A-Z][0-9]{2}) \| (.*?) \| .* \| (.*?) \|)");
  const std::regex name_in_cell("`([^`]+)`");
  for (std::string line; std::getline(table, line);) {
    std::smatch cells;
    if (!std::regex_match(line, cells, line_of_table)) continue;
    row made{.id = cells[1], .names = {}, .status = cells[3]};
    const std::string names = cells[2];
    for (std::sregex_iterator at(names.begin(), names.end(), name_in_cell), end; at != end; ++at) {
      made.names.push_back((*at)[1]);
    }
    rows.push_back(std::move(made));
  }
  return rows;
}

std::set<std::string> known_names() {
  std::set<std::string> names;
  for (const bench::benchmark& one : bench::catalogue()) names.insert(one.name);
  for (const benchmark& one : catalogue()) names.insert(one.name);
  return names;
}

// What is wrong, a line each.
std::string faults(const std::vector<row>& rows, const std::set<std::string>& names) {
  std::ostringstream said;
  std::map<std::string, const row*> by_id;
  std::set<std::string> mentioned;
  for (const row& one : rows) {
    if (!by_id.emplace(one.id, &one).second) said << one.id << " has two rows\n";
    const bool measured = one.status == "measured";
    if (!measured && one.status != "kept" && one.status != "lacks") {
      said << one.id << ": '" << one.status << "' is not one of measured, kept, lacks\n";
    }
    if (measured && one.names.empty()) said << one.id << " is measured and names no benchmark\n";
    if (one.status == "kept" && !one.names.empty()) said << one.id << " is kept and names one\n";
    for (const std::string& name : one.names) {
      mentioned.insert(name);
      if (measured && !names.contains(name))
        said << one.id << ": there is no benchmark '" << name << "'\n";
      if (!measured && names.contains(name))
        said << one.id << ": '" << name << "' is there, and the table says " << one.status << "\n";
    }
  }
  const auto demand = [&](char letter, int first, int last) {
    for (int number = first; number <= last; ++number) {
      std::string id(1, letter);
      id += number < 10 ? "0" : "";
      id += std::to_string(number);
      if (!by_id.contains(id)) said << "no row for " << id << "\n";
    }
  };
  demand('B', 1, 23);  // the requirements that this runtime is to answer now
  demand('Q', 3, 26);
  demand('A', 1, 12);
  demand('A', 21, 26);
  demand('A', 28, 29);
  demand('R', 4, 6);
  demand('R', 8, 10);
  demand('R', 15, 15);
  demand('R', 24, 27);
  demand('P', 8, 8);
  demand('P', 10, 11);
  for (const benchmark& one : catalogue()) {
    if (!mentioned.contains(one.name)) said << "no row mentions '" << one.name << "'\n";
  }
  return said.str();
}

std::vector<row> table() {
  std::ifstream file(JACQUARD_BENCH_ROWS);
  EXPECT_TRUE(file) << JACQUARD_BENCH_ROWS;
  return rows_of(file);
}

TEST(rows, every_requirement_has_one_and_every_name_is_in_the_catalogue) {
  EXPECT_EQ(faults(table(), known_names()), "");
}

TEST(rows, a_benchmark_that_is_gone_is_missed) {
  std::set<std::string> names = known_names();
  names.erase("actor_lifecycle");
  EXPECT_EQ(faults(table(), names), "A28: there is no benchmark 'actor_lifecycle'\n");
}

TEST(rows, a_benchmark_that_came_while_the_table_says_lacks_is_noticed) {
  const std::set<std::string> names = known_names();
  std::vector<row> rows = table();
  for (row& one : rows) {
    if (one.id == "P11") one.status = "lacks";
  }
  EXPECT_EQ(faults(rows, names), "P11: 'ask_roundtrip' is there, and the table says lacks\n");
}

TEST(rows, a_requirement_without_a_row_is_missed) {
  std::vector<row> rows = table();
  std::erase_if(rows, [](const row& one) { return one.id == "R26"; });
  EXPECT_NE(faults(rows, known_names()).find("no row for R26\n"), std::string::npos);
}

}  // namespace
}  // namespace jacquard::bench::suite
