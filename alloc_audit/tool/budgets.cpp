#include "tool/budgets.hpp"

#include <fmt/core.h>

#include <initializer_list>
#include <stdexcept>
#include <utility>

#include <toml++/toml.h>

namespace jacquard::audit {

namespace {

[[noreturn]] void refuse_at(const std::string& file, const toml::source_region& where,
                            const std::string& what) {
  throw std::runtime_error(
      fmt::format("{}:{}:{}: {}", file, where.begin.line, where.begin.column, what));
}

double number(const std::string& file, const toml::node& node, std::string_view key, double low,
              double high) {
  const auto value = node.value<double>();
  if (!value.has_value() || !(*value >= low && *value <= high)) {
    refuse_at(file, node.source(), fmt::format("{} must be a number in [{}, {}]", key, low, high));
  }
  return *value;
}

void only(const std::string& file, const toml::table& table,
          std::initializer_list<std::string_view> known) {
  for (const auto& [key, node] : table) {
    bool found = false;
    std::string names;
    for (const std::string_view name : known) {
      found = found || name == key.str();
      names += fmt::format(" {}", name);
    }
    if (!found) {
      refuse_at(file, key.source(),
                fmt::format("'{}' is unknown; known here:{}", key.str(), names));
    }
  }
}

const toml::table& table_of(const std::string& file, const toml::table& root,
                            std::string_view key) {
  const toml::table* const table = root.get_as<toml::table>(key);
  if (table == nullptr) throw std::runtime_error(fmt::format("{}: has no table [{}]", file, key));
  return *table;
}

void read(const std::string& file, const toml::table& table, std::string_view key, double high,
          double& target) {
  const toml::node* const node = table.get(key);
  if (node != nullptr) target = number(file, *node, key, 0.0, high);
}

void read_operations(const std::string& file, const toml::table& table, double allocs_max,
                     budgets& all) {
  for (const auto& [name, node] : table) {
    const toml::table* const entry = node.as_table();
    if (entry == nullptr || entry->get("allocs_per_op_max") == nullptr) {
      refuse_at(file, node.source(),
                fmt::format("'{}' must be a table with allocs_per_op_max", name.str()));
    }
    only(file, *entry,
         {"allocs_per_op_max", "live_bytes_per_op_max", "peak_bytes_per_op_max", "baseline"});
    budget limit;
    read(file, *entry, "allocs_per_op_max", allocs_max, limit.allocs_per_op_max);
    read(file, *entry, "live_bytes_per_op_max", 1e9, limit.live_bytes_per_op_max);
    read(file, *entry, "peak_bytes_per_op_max", 1e9, limit.peak_bytes_per_op_max);
    limit.baseline = entry->get("baseline") == nullptr ? "" : (*entry)["baseline"].value_or("?");
    if (!all.operations.emplace(std::string(name.str()), limit).second) {
      refuse_at(file, node.source(), fmt::format("'{}' has two budgets", name.str()));
    }
  }
}

budgets read_all(const std::string& file, const toml::table& root) {
  only(file, root, {"gate", "operations", "construction"});
  budgets all;
  const toml::table& gate = table_of(file, root, "gate");
  only(file, gate, {"allocs_per_op_max", "tolerance"});
  read(file, gate, "allocs_per_op_max", 1.0, all.gate_allocs_per_op_max);
  read(file, gate, "tolerance", 0.01, all.tolerance);
  read_operations(file, table_of(file, root, "operations"), all.gate_allocs_per_op_max, all);
  if (root.get("construction") != nullptr) {
    read_operations(file, table_of(file, root, "construction"), 1000.0, all);
  }
  for (const auto& [name, limit] : all.operations) {
    if (!limit.baseline.empty() && !all.operations.contains(limit.baseline)) {
      throw std::runtime_error(fmt::format("{}: '{}' has the baseline '{}', which has no budget",
                                           file, name, limit.baseline));
    }
  }
  return all;
}

}  // namespace

tl::expected<budgets, std::string> parse_budgets(std::string_view text, const std::string& file) {
  try {
    return read_all(file, toml::parse(text, file));
  } catch (const toml::parse_error& error) {
    return tl::unexpected(fmt::format("{}:{}:{}: {}", file, error.source().begin.line,
                                      error.source().begin.column, error.description()));
  } catch (const std::exception& error) {
    return tl::unexpected(std::string(error.what()));
  }
}

cost beyond(cost spent, const cost& baseline) {
  const auto less = [](slope& from, const slope& other) {
    from.early -= other.early;
    from.late -= other.late;
  };
  less(spent.allocations, baseline.allocations);
  less(spent.bytes, baseline.bytes);
  less(spent.live_bytes, baseline.live_bytes);
  less(spent.live_blocks, baseline.live_blocks);
  less(spent.peak_bytes, baseline.peak_bytes);
  return spent;
}

std::string broken_by(const cost& spent, const budget& limit, double tolerance) {
  std::string what;
  const auto also = [&what](std::string text) {
    if (!what.empty()) what += "; ";
    what += text;
  };
  if (spent.allocations.worst() > limit.allocs_per_op_max + tolerance) {
    also(fmt::format("{:.4f} allocs/op > limit {:.4f}", spent.allocations.worst(),
                     limit.allocs_per_op_max));
  }
  if (!spent.allocations.linear(tolerance)) {
    also(fmt::format("not linear: {:.4f} allocs/op from N to 2N, {:.4f} from 2N to 3N",
                     spent.allocations.early, spent.allocations.late));
  }
  if (spent.live_bytes.worst() > limit.live_bytes_per_op_max + tolerance) {
    also(fmt::format("leaks {:.4f} B/op > limit {:.4f}", spent.live_bytes.worst(),
                     limit.live_bytes_per_op_max));
  }
  if (spent.peak_bytes.worst() > limit.peak_bytes_per_op_max + tolerance) {
    also(fmt::format("peak memory grows {:.4f} B/op > limit {:.4f}", spent.peak_bytes.worst(),
                     limit.peak_bytes_per_op_max));
  }
  return what;
}

}  // namespace jacquard::audit
