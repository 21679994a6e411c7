// Operations of the pooled buffers.
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <jacquard/memory/buffer.hpp>

#include "ops/op.hpp"

namespace jacquard::audit {
namespace {

// Takes a buffer of `Bytes` bytes, writes into it and lets go.
template <std::size_t Bytes, bool Amnesia>
std::uint64_t take(std::uint64_t n) {
  buffer_pool pool({.amnesia = Amnesia});
  std::uint64_t done = 0;
  for (; done < n; ++done) {
    buffer mine = pool.take(Bytes);
    must(mine.valid(), "there is memory");
    mine.bytes()[0] = std::byte{1};
  }
  return done;
}

// Another owner, and a slice; both let go.
std::uint64_t share(std::uint64_t n) {
  buffer_pool pool;
  const shared_buffer page = pool.take(1000).freeze();
  std::uint64_t done = 0;
  for (; done < n; ++done) {
    const shared_buffer other = page.share();
    const shared_buffer part = other.slice(10, 20);
    must(part.bytes().data() == page.bytes().data() + 10, "it is the same memory");
  }
  return done;
}

// Taken, frozen, thawed, frozen again.
std::uint64_t freeze_thaw(std::uint64_t n) {
  buffer_pool pool;
  std::uint64_t done = 0;
  for (; done < n; ++done) {
    shared_buffer page = pool.take(3000).freeze();
    buffer again = std::move(page).thaw();
    must(again.size() == 3000, "nobody else owns it");
    const shared_buffer last = std::move(again).freeze();
  }
  return done;
}

// Of each size some, alive together.
std::uint64_t mixed(std::uint64_t n) {
  buffer_pool pool;
  std::vector<buffer> alive(64);
  std::uint64_t done = 0;
  for (; done < n; ++done) {
    buffer& place = alive[done % alive.size()];
    place = {};
    place = pool.take(std::size_t{100} << (done % 8));
    must(place.valid(), "there is memory");
  }
  return done;
}

const registered all[] = {
    {"buffer.take_256", take<256, false>},     {"buffer.take_64k", take<65536, false>},
    {"buffer.take_amnesia", take<1000, true>}, {"buffer.share", share},
    {"buffer.freeze_thaw", freeze_thaw},       {"buffer.mixed", mixed}};

}  // namespace
}  // namespace jacquard::audit
