#include <jacquard/model/weakened.hpp>

#include <algorithm>
#include <cstring>

namespace jacquard::model {

const char* to_string(order_part part) noexcept {
  switch (part) {
    case order_part::load:
      return "load";
    case order_part::store:
      return "store";
    case order_part::rmw:
      return "read-modify-write";
    case order_part::cas_success:
      return "compare-exchange, success";
    case order_part::cas_failure:
      return "compare-exchange, failure";
    case order_part::fence:
      return "fence";
  }
  return "unknown";
}

const char* to_string(std::memory_order order) noexcept {
  switch (order) {
    case std::memory_order::relaxed:
      return "relaxed";
    case std::memory_order::consume:
      return "consume";
    case std::memory_order::acquire:
      return "acquire";
    case std::memory_order::release:
      return "release";
    case std::memory_order::acq_rel:
      return "acq_rel";
    case std::memory_order::seq_cst:
      return "seq_cst";
  }
  return "unknown";
}

const char* to_string(sabotage how) noexcept {
  switch (how) {
    case sabotage::none:
      return "none";
    case sabotage::orders:
      return "orders";
    case sabotage::updates:
      return "updates";
    case sabotage::wakes:
      return "wakes";
    case sabotage::locks:
      return "locks";
  }
  return "unknown";
}

std::vector<order_cut> cuts_of(const order_site& site) {
  using enum std::memory_order;
  const auto to = [&](std::memory_order weaker) { return order_cut{.site = site, .to = weaker}; };
  switch (site.order) {
    case relaxed:
      return {};
    case consume:
    case acquire:
    case release:
      return {to(relaxed)};
    case acq_rel:
      return {to(acquire), to(release)};
    case seq_cst:
      switch (site.part) {
        case order_part::load:
        case order_part::cas_failure:
          return {to(acquire)};
        case order_part::store:
          return {to(release)};
        default:
          return {to(acq_rel)};
      }
  }
  return {};
}

weakening& weakening::instance() noexcept {
  static weakening only;
  return only;
}

void weakening::note(const std::source_location& at, order_part part, std::memory_order order) {
  const key made{.file = at.file_name(),
                 .line = at.line(),
                 .column = at.column(),
                 .part = part,
                 .order = order};
  const std::lock_guard lock(guard_);
  if (std::ranges::find(seen_, made) == seen_.end()) seen_.push_back(made);
}

bool weakening::is_cut(const std::source_location& at, order_part part) const noexcept {
  return part == cut_.site.part && at.column() == cut_.site.column &&
         std::strcmp(at.file_name(), cut_.site.file.c_str()) == 0;
}

std::vector<order_site> weakening::seen() const {
  std::vector<order_site> sites;
  for (const key& each : seen_) {
    sites.push_back({.file = each.file,
                     .line = each.line,
                     .column = each.column,
                     .part = each.part,
                     .order = each.order});
  }
  std::ranges::sort(sites);
  const auto repeated = std::ranges::unique(sites);
  sites.erase(repeated.begin(), repeated.end());
  return sites;
}

}  // namespace jacquard::model
