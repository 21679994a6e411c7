// jacquard/bench/environment.hpp: where and from what a figure was measured.
//
// A figure without its machine is gossip. The record names the processor, kernel, clock, compiler,
// flags and the digest of the sources that were compiled in; `config_hash` is the SHA-256 of all
// fields that a comparison must not mix, so two runs with equal hashes may be laid side by side.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

#include <jacquard/bench/clock.hpp>

namespace jacquard::bench {

/// SHA-256 of the bytes, 64 hex digits.
[[nodiscard]] std::string sha256(std::string_view bytes);

/// The environment as one JSON object, "kind": "env".
[[nodiscard]] nlohmann::json environment_record(const clock_facts& clock);

/// SHA-256 over the fields that fix what was measured, as "key=value\n" in the order of their
/// names. Time, load, the core's clock now and the commit are left out.
[[nodiscard]] std::string config_hash(const nlohmann::json& record);

/// One line for people: [bench-env] cpu=... config_hash=...
[[nodiscard]] std::string banner(const nlohmann::json& record);

}  // namespace jacquard::bench
