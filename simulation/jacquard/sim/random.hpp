// jacquard/sim/random.hpp: keyed randomness. A draw is a function of (seed, domain, entity, counter).
//
// Shape       Each entity owns one stream per domain; a stream is a key and a counter. Nothing is shared
//             between streams, so one more draw, one more entity or one fault less moves no other draw.
// Invariants  I1  Equal (seed, domain, entity path, counter) give equal draws, on every machine.
//             I2  Entities are named by path ("/producer/3"), never by address or order of birth.
//             I3  Integers only. std's distributions and libm differ between machines; neither is used.
// Progress    wait-free; one thread at a time.
// Allocation  none.
// Checked by  random.test.cpp
#pragma once

#include <cstdint>
#include <string_view>

namespace jacquard::sim {

/// A bijection on 64 bits in which every output bit depends on every input bit. (The finaliser of
/// splitmix64, with Stafford's thirteenth set of constants.)
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t z) noexcept {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/// Folds `more` into `digest`; the order of folding matters.
[[nodiscard]] constexpr std::uint64_t fold(std::uint64_t digest, std::uint64_t more) noexcept {
  return mix(digest * 0x9e3779b97f4a7c15u + more + 0x632be59bd9b4e019u);
}

/// A digest of text: FNV-1a, then mixed.
[[nodiscard]] constexpr std::uint64_t digest_of(std::string_view text) noexcept {
  std::uint64_t digest = 0xcbf29ce484222325u;
  for (const char c : text) {
    digest = (digest ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  }
  return mix(digest);
}

/// What a draw is for. One entity's draws in one domain do not move its draws in another.
enum class domain : std::uint8_t { workload = 1, network, service, schedule, fault, plan, user };

/// One entity's draws in one domain. 16 bytes; copying it forks nothing: the copy draws the same again.
class stream {
 public:
  constexpr stream(std::uint64_t seed, domain purpose, std::uint64_t entity) noexcept
      : key_(fold(fold(mix(seed), static_cast<std::uint64_t>(purpose)), entity)) {}
  constexpr stream(std::uint64_t seed, domain purpose, std::string_view path) noexcept
      : stream(seed, purpose, digest_of(path)) {}

  /// The next 64 bits. Two mixing rounds over key and counter, so that neighbouring counters and related
  /// keys share nothing.
  constexpr std::uint64_t next() noexcept {
    return mix(mix(counter_++ * 0x9e3779b97f4a7c15u + key_) ^ (key_ >> 1));
  }

  /// One of `count`, in [0, count). count > 0. A multiplication, not a division; the bias is below
  /// count / 2^64.
  constexpr std::uint64_t below(std::uint64_t count) noexcept {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(next()) * count) >> 64);
  }

  /// In [low, high], both included. low <= high
  constexpr std::int64_t between(std::int64_t low, std::int64_t high) noexcept {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }

  /// True `parts` times in a million.
  constexpr bool chance(std::uint32_t parts_per_million) noexcept {
    return below(1'000'000) < parts_per_million;
  }

  [[nodiscard]] constexpr std::uint64_t drawn() const noexcept { return counter_; }

 private:
  std::uint64_t key_;
  std::uint64_t counter_ = 0;
};

}  // namespace jacquard::sim
