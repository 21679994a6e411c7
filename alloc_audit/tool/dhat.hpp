// tool/dhat.hpp: what DHAT wrote, as program points with readable stacks.
//
// Format: Valgrind's DHAT profile, version 2 (dh_main.c). A program point is a distinct stack; `fs` lists
// its frames innermost first as indices into `ftbl`, whose entries read "0xADDR: function (file:line)".
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace jacquard::audit {

/// Totals of one stack. Blocks and bytes are exact counts.
struct program_point {
  std::uint64_t blocks = 0;       // ever allocated
  std::uint64_t bytes = 0;        // ever requested
  std::uint64_t live_bytes = 0;   // at the end of the program
  std::uint64_t live_blocks = 0;  //
  std::uint64_t peak_bytes = 0;   // at the moment when the program held most
};

/// Program points by key: the stack's frames, outermost last, joined by newlines; addresses and plumbing
/// removed. Points whose stacks read the same are summed.
struct profile {
  std::map<std::string, program_point> points;

  [[nodiscard]] program_point total() const;
};

/// Reads a profile. The error is one line that says what is wrong.
[[nodiscard]] tl::expected<profile, std::string> parse_dhat(std::string_view text);

/// A frame without its address and with paths below the repository freed of their "./".
[[nodiscard]] std::string readable_frame(std::string_view frame);

/// True for a frame that says nothing about who allocated: Valgrind's own replacement functions, operator
/// new, and the library's allocator wrappers.
[[nodiscard]] bool is_plumbing(std::string_view frame);

/// True for a frame of code that was compiled inside the repository (its path is relative).
[[nodiscard]] bool is_ours(std::string_view frame);

/// The frames of a key, first project frame leading, then what called it; at most `frames_max`.
[[nodiscard]] std::vector<std::string> leading_frames(const std::string& key,
                                                      std::size_t frames_max);

}  // namespace jacquard::audit
