// jacquard/model/explore/arena.hpp: where a modelled thread's objects live.
//
// The k-th allocation of a thread has the same address in every execution of a search, so that pointers
// are values like any other. Nothing is used twice within an execution: what was destroyed stays readable,
// and says so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace jacquard::model::explorer {

class arena {
 public:
  static constexpr std::size_t bytes_max = std::size_t{1} << 26;  // of address space

  struct block {
    std::size_t offset = 0;
    std::size_t bytes = 0;
    bool live = true;
    const void* site = nullptr;  // where it was made
  };

  arena() = default;
  ~arena();
  arena(const arena&) = delete;
  arena& operator=(const arena&) = delete;

  void reset() noexcept {
    used_ = 0;
    blocks_.clear();
  }
  /// Null where the arena is full.
  [[nodiscard]] void* allocate(std::size_t bytes, std::size_t alignment, const void* site);
  /// The block that starts at `address`; null where none does.
  [[nodiscard]] block* find(const void* address) noexcept;
  [[nodiscard]] bool contains(const void* address) const noexcept {
    const char* p = static_cast<const char*>(address);
    return base_ != nullptr && p >= base_ && p < base_ + bytes_max;
  }
  [[nodiscard]] std::size_t offset_of(const void* address) const noexcept {
    return static_cast<std::size_t>(static_cast<const char*>(address) - base_);
  }
  [[nodiscard]] const std::vector<block>& blocks() const noexcept { return blocks_; }

 private:
  char* base_ = nullptr;
  std::size_t used_ = 0;
  std::vector<block> blocks_;
};

}  // namespace jacquard::model::explorer
