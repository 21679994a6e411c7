// explore_tests/all_programs.hpp: the litmus programs that come with the project.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include <jacquard/model/explore/litmus/program.hpp>

namespace explore_tests {

inline std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  EXPECT_TRUE(in) << file;
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// Those of every file in `folder`, by name.
inline std::map<std::string, jacquard::model::explorer::litmus::source> all_programs(
    const std::filesystem::path& folder) {
  namespace litmus = jacquard::model::explorer::litmus;
  std::map<std::string, litmus::source> all;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".litmus") continue;
    for (litmus::source& s :
         litmus::parse(text_of(entry.path()), entry.path().filename().string())) {
      const std::string name = s.name;
      EXPECT_TRUE(all.emplace(name, std::move(s)).second) << "two programs are called " << name;
    }
  }
  return all;
}

}  // namespace explore_tests
