#include <jacquard/model/relacy/heap.hpp>

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace jacquard::model {

model_heap::~model_heap() {
  for (const pool& each : pools_) {
    for (const block& one : each.blocks) {
      ::operator delete (one.address, std::align_val_t{each.alignment});
    }
  }
}

void model_heap::begin() noexcept {
  for (pool& each : pools_) {
    for (block& one : each.blocks) one.live = false;
    each.used = 0;
    each.destroyed.clear();
  }
}

model_heap::pool& model_heap::pool_of(std::size_t size, std::size_t alignment) {
  const auto found = std::ranges::find_if(
      pools_, [&](const pool& each) { return each.size == size && each.alignment == alignment; });
  if (found != pools_.end()) return *found;
  return pools_.emplace_back(pool{.size = size, .alignment = alignment});
}

bool model_heap::can_recycle(std::size_t size, std::size_t alignment) {
  return !pool_of(size, alignment).destroyed.empty();
}

void* model_heap::allocate(std::size_t size, std::size_t alignment, const char* type,
                           bool recycle) {
  pool& from = pool_of(size, alignment);
  std::size_t index = from.used;
  if (recycle && !from.destroyed.empty()) {
    index = from.destroyed.back();
    from.destroyed.pop_back();
  } else {
    if (index == from.blocks.size()) {
      from.blocks.push_back({.address = ::operator new (size, std::align_val_t{alignment})});
    }
    ++from.used;
  }
  block& chosen = from.blocks[index];
  chosen.live = true;
  chosen.type = type;
  return chosen.address;
}

bool model_heap::release(void* object) noexcept {
  for (pool& each : pools_) {
    for (std::size_t i = 0; i < each.used; ++i) {
      if (each.blocks[i].address != object) continue;
      if (!each.blocks[i].live) return false;
      each.blocks[i].live = false;
      each.destroyed.push_back(i);
      return true;
    }
  }
  return false;
}

bool model_heap::is_live(const void* object) const noexcept {
  return std::ranges::any_of(pools_, [&](const pool& each) {
    return std::ranges::any_of(each.blocks,
                               [&](const block& one) { return one.live && one.address == object; });
  });
}

std::string model_heap::leaked() const {
  std::size_t count = 0;
  std::string type;
  for (const pool& each : pools_) {
    for (const block& one : each.blocks) {
      if (one.live && count++ == 0) type = demangled(one.type);
    }
  }
  if (count == 0) return {};
  return std::to_string(count) + (count == 1 ? " object was" : " objects were") +
         " created and never destroyed; the first is a " + type;
}

std::string demangled(const char* type) {
  int status = 0;
  char* const readable = abi::__cxa_demangle(type, nullptr, nullptr, &status);
  std::string name = status == 0 && readable != nullptr ? readable : type;
  std::free(readable);
  return name;
}

}  // namespace jacquard::model
