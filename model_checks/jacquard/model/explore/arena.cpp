#include <jacquard/model/explore/arena.hpp>

#include <sys/mman.h>

#include <algorithm>
#include <new>

namespace jacquard::model::explorer {

arena::~arena() {
  if (base_ != nullptr) munmap(base_, bytes_max);
}

void* arena::allocate(std::size_t bytes, std::size_t alignment, const void* site) {
  if (base_ == nullptr) {
    void* room = mmap(nullptr, bytes_max, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED) throw std::bad_alloc();
    base_ = static_cast<char*>(room);
  }
  alignment = std::max<std::size_t>(alignment, 16);
  const std::size_t offset = (used_ + alignment - 1) / alignment * alignment;
  const std::size_t taken = std::max<std::size_t>(bytes, 1);
  if (taken > bytes_max || offset > bytes_max - taken) return nullptr;
  used_ = offset + taken;
  blocks_.push_back({.offset = offset, .bytes = bytes, .site = site});
  return base_ + offset;
}

arena::block* arena::find(const void* address) noexcept {
  if (!contains(address)) return nullptr;
  const std::size_t offset = static_cast<std::size_t>(static_cast<const char*>(address) - base_);
  const auto at = std::lower_bound(blocks_.begin(), blocks_.end(), offset,
                                   [](const block& b, std::size_t o) { return b.offset < o; });
  return at != blocks_.end() && at->offset == offset ? &*at : nullptr;
}

}  // namespace jacquard::model::explorer
