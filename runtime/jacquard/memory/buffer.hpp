// jacquard/memory/buffer.hpp: bytes that travel by handle: pooled, counted, writable by one owner or readable by
// many, given back by any thread.
//
//   buffer_pool pool;
//   buffer draft = pool.take(100'000);          // one owner, who may write; invalid where memory is out
//   fill(draft.bytes());
//   shared_buffer page = std::move(draft).freeze();
//   printer.tell(print{page.share()});          // 16 bytes in a message, whatever the size
//   archive.tell(store{page.slice(0, 512)});    // another owner of a part
//
// Shape       kept_[k]     free blocks with memory of 2^(SmallestBits + k) bytes
//             blocks_      all blocks; those without memory are in this pool's free list
//             block        its owners, and what it is: where it belongs, its memory, how much of it was touched
//             kept_bytes_  of the memory that free blocks hold
// Invariants  I1  A block is free, or has one owner that may write (buffer), or has `owners_` owners that may
//                 read (shared_buffer). Its bytes do not change while they are shared.
//             I2  The last owner, and nobody else, gives the block back, once.
//             I3  thaw succeeds only for the one owner that is left.
//             I4  Free blocks hold at most keep_bytes_max of memory. What exceeds it goes back to the system.
//             I5  Where amnesia is on, every byte that an owner could write is zero before the block is free.
// Ordering    E1  an owner lets go -> the last owner, thaw   what was read of the bytes: they may be
//                 overwritten now.
//             (From one owner of a block to its next: node_stack's and node_pool's E1. From thread to thread:
//             whatever carried the handle.)
// Progress    lock-free while a block of that size is free, otherwise it allocates; sharing is wait-free.
// Allocation  memory, where no free block of that size has any; blocks, when more are alive than ever before.
//             None otherwise.
// Bounds      2^31 owners of a block. A handle is used by one thread at a time. The pool outlives its buffers. Free
//             blocks are shared by all threads: four read-modify-writes for each buffer, next to what filling it
//             costs.
// Checked by  model_checks: buffer (I1, I2, E1), buffer.thaw (I3, E1); buffer.test.cpp (I1-I5) on real threads,
//             which TSan and ASan read; alloc_audit (Allocation).
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

#include <jacquard/memory/node_pool.hpp>
#include <jacquard/memory/node_stack.hpp>
#include <jacquard/memory/zeroize.hpp>
#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

struct buffer_pool_options {
  /// Bytes of memory that free buffers keep for the next ones.
  std::uint64_t keep_bytes_max = std::uint64_t{64} << 20;
  /// What a buffer held is overwritten with zeros before anybody else can have it.
  bool amnesia = false;
  /// Buffers for which there are blocks from the start: 64 bytes each, without their memory. >= 1
  std::uint32_t at_first = 64;
};

/// Exact when the pool is at rest.
struct buffer_pool_counters {
  std::uint64_t made = 0;        // times that memory came from the system
  std::uint64_t given_up = 0;    // times that it went back
  std::uint64_t kept_bytes = 0;  // that free buffers hold now
};

/// Buffers of up to `bytes_max` bytes, in `Classes` sizes that double from 2^SmallestBits on. Any thread may take
/// buffers, and let go of them.
template <sync::policy Sync = sync::native, unsigned SmallestBits = 8, unsigned Classes = 13>
class basic_buffer_pool {
  static_assert(SmallestBits >= 6 && Classes >= 1 && SmallestBits + Classes <= 32,
                "sizes are whole lines of 64 bytes, and lengths 32-bit numbers");
  struct block;

 public:
  /// The largest buffer.
  static constexpr std::size_t bytes_max = std::size_t{1} << (SmallestBits + Classes - 1);

  class shared_buffer;

  /// Bytes with one owner, who may write them. Move-only, 16 bytes. They are aligned to 64.
  class buffer {
   public:
    buffer() noexcept = default;
    buffer(buffer&& other) noexcept
        : home_(std::exchange(other.home_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    buffer& operator=(buffer&& other) noexcept {
      if (this != &other) {
        drop();
        home_ = std::exchange(other.home_, nullptr);
        size_ = std::exchange(other.size_, 0);
      }
      return *this;
    }
    ~buffer() { drop(); }

    [[nodiscard]] bool valid() const noexcept { return home_ != nullptr; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// How far `resize` may go.
    [[nodiscard]] std::size_t capacity() const noexcept { return valid() ? home_->capacity() : 0; }
    /// Its bytes: what was written there, or, where nothing was, anything (zeros under amnesia).
    [[nodiscard]] std::span<std::byte> bytes() noexcept { return {start(), size_}; }
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {start(), size_}; }

    /// Another size in the same memory, up to `capacity()`.
    void resize(std::size_t size) noexcept {
      Sync::require(size <= capacity(), "a buffer is resized within its capacity");
      size_ = static_cast<std::uint32_t>(size);
      if (valid()) home_->touch(size_);
    }

    /// Gives up writing: the bytes may have more owners from now on.
    [[nodiscard]] shared_buffer freeze() && noexcept {
      if (!valid()) return {};
      home_->owners.store(1, std::memory_order::relaxed);  // whatever carries a handle publishes it
      home_->what.with_mut([&](content& what) { what.length = size_; });
      return shared_buffer(*std::exchange(home_, nullptr), 0, std::exchange(size_, 0));
    }

   private:
    friend class basic_buffer_pool;
    friend class shared_buffer;
    buffer(block& home, std::uint32_t size) noexcept : home_(&home), size_(size) {}

    [[nodiscard]] std::byte* start() const noexcept { return valid() ? home_->start() : nullptr; }
    void drop() noexcept {
      if (home_ != nullptr) give_back(*std::exchange(home_, nullptr));
    }

    block* home_ = nullptr;
    std::uint32_t size_ = 0;
  };

  /// One of the owners of bytes that nobody writes, or of a part of them. Move-only, 16 bytes: another owner is made
  /// by name, so that no count moves unseen.
  class shared_buffer {
   public:
    shared_buffer() noexcept = default;
    shared_buffer(shared_buffer&& other) noexcept
        : home_(std::exchange(other.home_, nullptr)),
          first_(std::exchange(other.first_, 0)),
          size_(std::exchange(other.size_, 0)) {}
    shared_buffer& operator=(shared_buffer&& other) noexcept {
      if (this != &other) {
        drop();
        home_ = std::exchange(other.home_, nullptr);
        first_ = std::exchange(other.first_, 0);
        size_ = std::exchange(other.size_, 0);
      }
      return *this;
    }
    ~shared_buffer() { drop(); }

    [[nodiscard]] bool valid() const noexcept { return home_ != nullptr; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept {
      return {valid() ? home_->start() + first_ : nullptr, size_};
    }

    /// Another owner of the same bytes.
    [[nodiscard]] shared_buffer share() const noexcept { return slice(0, size_); }

    /// Another owner of `size` bytes from `first` on, both within this one's.
    [[nodiscard]] shared_buffer slice(std::size_t first, std::size_t size) const noexcept {
      Sync::require(first <= size_ && size <= size_ - first, "a slice lies within its buffer");
      if (!valid()) return {};
      const std::uint32_t before = home_->owners.fetch_add(
          1, std::memory_order::relaxed);  // this owner keeps it alive, and brings what it knows
      Sync::require(before < owners_max, "a buffer has fewer than 2^31 owners");
      return shared_buffer(*home_, first_ + static_cast<std::uint32_t>(first),
                           static_cast<std::uint32_t>(size));
    }

    /// Where no other owner is left: the bytes as they were frozen, all of them, to be written again. Otherwise
    /// an invalid buffer, and nothing has changed.
    [[nodiscard]] buffer thaw() && noexcept {
      if (!valid() || home_->owners.load(std::memory_order::acquire) != 1) return {};  // E1 acquire
      const std::uint32_t length =
          home_->what.with_mut([](content& what) { return std::exchange(what.length, 0); });
      first_ = size_ = 0;
      return buffer(*std::exchange(home_, nullptr), length);
    }

   private:
    friend class buffer;
    shared_buffer(block& home, std::uint32_t first, std::uint32_t size) noexcept
        : home_(&home), first_(first), size_(size) {}

    void drop() noexcept {
      if (home_ == nullptr) return;
      block& home = *std::exchange(home_, nullptr);
      // The only owner cannot be joined by another, so its look is enough.
      if (home.owners.load(std::memory_order::acquire) == 1 ||          // E1 acquire
          home.owners.fetch_sub(1, std::memory_order::acq_rel) == 1) {  // E1 release, E1 acquire
        give_back(home);
      }
    }

    block* home_ = nullptr;
    std::uint32_t first_ = 0;
    std::uint32_t size_ = 0;
  };

  explicit basic_buffer_pool(const buffer_pool_options& options = {})
      : options_(options), blocks_(options.at_first) {
    Sync::require(options.at_first >= 1, "buffer_pool_options.at_first must be at least 1");
  }
  /// Every buffer has been let go of.
  ~basic_buffer_pool() {
    blocks_.for_each([](block& each) {
      const content was = each.what.with([](const content& what) { return what; });
      Sync::require(was.home == nullptr, "a pool outlives its buffers");
      release_memory(was);
    });
  }
  basic_buffer_pool(const basic_buffer_pool&) = delete;
  basic_buffer_pool& operator=(const basic_buffer_pool&) = delete;

  /// A buffer of `bytes` bytes; invalid where that is more than `bytes_max`, or memory is out. Any thread.
  [[nodiscard]] buffer take(std::size_t bytes) noexcept {
    if (bytes > bytes_max) return {};
    const unsigned k = class_of(bytes);
    line* memory = nullptr;
    link at = kept_[k].pop(blocks_);
    if (at != pool::none) {
      memory = blocks_[at].what.with([](const content& what) { return what.memory; });
      kept_bytes_.fetch_sub(capacity_of(k), std::memory_order::relaxed);  // a number
    } else {
      at = blocks_.acquire();
      if (at == pool::none) return {};
      memory = Sync::template create_array<line>(capacity_of(k) / sizeof(line));
      if (memory == nullptr) {
        blocks_.release(at, at);
        return {};
      }
      made_.add(1);
    }
    block& fresh = blocks_[at];
    fresh.what.with_mut([&](content& what) {
      what = {.home = this, .memory = memory, .at = at, .size_class = k, .touched = bytes};
    });
    return buffer(fresh, static_cast<std::uint32_t>(bytes));
  }

  /// A buffer with a copy of `source`; invalid as `take`.
  [[nodiscard]] buffer copy(std::span<const std::byte> source) noexcept {
    buffer fresh = take(source.size());
    if (fresh.valid() && !source.empty()) {
      std::memcpy(fresh.bytes().data(), source.data(), source.size());
    }
    return fresh;
  }

  [[nodiscard]] buffer_pool_counters counters() const noexcept {
    return {.made = made_.count(),
            .given_up = given_up_.count(),
            .kept_bytes = kept_bytes_.load(std::memory_order::relaxed)};  // a moment's figure
  }

 private:
  struct alignas(64) line {
    std::byte bytes[64];
  };
  // The owner's; of a shared block everybody's to read.
  struct content {
    basic_buffer_pool* home = nullptr;  // null: the block is free
    line* memory = nullptr;             // may be there while it is free
    std::uint32_t at = 0;               // the block's link
    std::uint32_t size_class = 0;
    std::size_t touched = 0;   // bytes from the start that an owner could write
    std::uint32_t length = 0;  // when it was frozen
  };
  struct block {
    sync::atomic<Sync, std::uint32_t> next{0};  // the free list's
    sync::atomic<Sync, std::uint32_t> owners{0};
    sync::cell<Sync, content> what;

    [[nodiscard]] std::byte* start() const noexcept {
      return what.with([](const content& known) { return known.memory->bytes; });
    }
    [[nodiscard]] std::size_t capacity() const noexcept {
      return what.with([](const content& known) { return capacity_of(known.size_class); });
    }
    void touch(std::size_t size) noexcept {
      what.with_mut([&](content& known) {
        if (size > known.touched) known.touched = size;
      });
    }
  };
  using pool = basic_node_pool<block, Sync>;
  using link = typename pool::link;

  static constexpr std::uint32_t owners_max = std::uint32_t{1} << 31;

  static constexpr std::size_t capacity_of(unsigned k) noexcept {
    return std::size_t{1} << (SmallestBits + k);
  }
  static constexpr unsigned class_of(std::size_t bytes) noexcept {
    const unsigned bits = bytes <= 1 ? 0u : static_cast<unsigned>(std::bit_width(bytes - 1));
    return bits <= SmallestBits ? 0u : bits - SmallestBits;
  }

  // The last owner's.
  static void give_back(block& done) noexcept {
    const content was = done.what.with([](const content& what) { return what; });
    basic_buffer_pool& home = *was.home;
    if (home.options_.amnesia) zeroize(was.memory, was.touched);
    const bool kept = home.keep(capacity_of(was.size_class));
    if (!kept) release_memory(was);
    done.what.with_mut([&](content& what) {
      what.home = nullptr;
      if (!kept) what.memory = nullptr;
    });
    if (kept) {
      home.kept_[was.size_class].push(home.blocks_, was.at);
    } else {
      home.blocks_.release(was.at, was.at);
    }
  }

  [[nodiscard]] bool keep(std::uint64_t more) noexcept {
    const std::uint64_t before =
        kept_bytes_.fetch_add(more, std::memory_order::relaxed);  // a number
    if (before + more <= options_.keep_bytes_max) return true;
    kept_bytes_.fetch_sub(more, std::memory_order::relaxed);  // a number
    given_up_.add(1);
    return false;
  }

  static void release_memory(const content& was) noexcept {
    if (was.memory != nullptr) {
      Sync::destroy_array(was.memory, capacity_of(was.size_class) / sizeof(line));
    }
  }

  const buffer_pool_options options_;
  pool blocks_;
  std::array<basic_node_stack<pool, Sync>, Classes> kept_;
  sync::atomic<Sync, std::uint64_t> kept_bytes_{0};
  typename Sync::tally made_;
  typename Sync::tally given_up_;
};

using buffer_pool = basic_buffer_pool<>;
using buffer = buffer_pool::buffer;
using shared_buffer = buffer_pool::shared_buffer;

static_assert(sizeof(buffer) == 16 && sizeof(shared_buffer) == 16, "a handle is two words");

}  // namespace jacquard
