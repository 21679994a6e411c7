// jacquard/model/relacy/heap.hpp: the memory that one execution of a model creates and destroys.
//
// Blocks are never given back, so a stale pointer is still readable and the model can say who used it. The
// k-th allocation of a size has the same address in every execution, as long as the choices are the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace jacquard::model {

/// Live objects, and blocks to make more of them. One thread at a time; allocates.
class model_heap {
 public:
  model_heap() = default;
  ~model_heap();
  model_heap(const model_heap&) = delete;
  model_heap& operator=(const model_heap&) = delete;

  /// Forgets every object: the next execution begins.
  void begin() noexcept;

  /// True where a block of this size was destroyed in this execution and may be handed out again.
  [[nodiscard]] bool can_recycle(std::size_t size, std::size_t alignment);
  /// A block: the one destroyed last, or one that this execution has not used.
  [[nodiscard]] void* allocate(std::size_t size, std::size_t alignment, const char* type,
                               bool recycle);
  /// False where `object` is not live: it was destroyed before, or never created.
  [[nodiscard]] bool release(void* object) noexcept;
  [[nodiscard]] bool is_live(const void* object) const noexcept;

  /// Null, or the first object that is still live, in words.
  [[nodiscard]] std::string leaked() const;

 private:
  struct block {
    void* address = nullptr;
    const char* type = "";
    bool live = false;
  };
  struct pool {
    std::size_t size = 0;
    std::size_t alignment = 0;
    std::size_t used = 0;  // blocks_[0, used) were handed out in this execution
    std::vector<block> blocks = {};
    std::vector<std::size_t> destroyed = {};  // indices, the last destroyed at the back
  };

  pool& pool_of(std::size_t size, std::size_t alignment);

  std::vector<pool> pools_;
};

/// A mangled type name as people write it.
[[nodiscard]] std::string demangled(const char* type);

}  // namespace jacquard::model
