# Writes source_digest.hpp: what was compiled, by content.
#
#   cmake -DTREE=<repository> -DOUT=<header> -DCOMPILER=<text> -DFLAGS=<text> -P source_digest.cmake
#
# src_digest is the SHA-256 of the lines "<sha256>  <path>" of every header of runtime/jacquard/{sync,queue,
# memory,mailbox}, sorted by path; a shell says the same with
#   find runtime/jacquard/{sync,queue,memory,mailbox} -name '*.hpp' | LC_ALL=C sort | xargs sha256sum | sha256sum
# harness_digest is that of bench/jacquard/bench/*.[hc]pp. The header changes only where a digest does.
function(digest result)
  set(lines "")
  foreach(path IN LISTS ARGN)
    file(SHA256 ${TREE}/${path} hash)
    string(APPEND lines "${hash}  ${path}\n")
  endforeach()
  string(SHA256 total "${lines}")
  set(${result} ${total} PARENT_SCOPE)
endfunction()

set(runtime "")
foreach(folder sync queue memory mailbox)
  file(GLOB found RELATIVE ${TREE} ${TREE}/runtime/jacquard/${folder}/*.hpp)
  list(APPEND runtime ${found})
endforeach()
file(GLOB harness RELATIVE ${TREE} ${TREE}/bench/jacquard/bench/*.hpp ${TREE}/bench/jacquard/bench/*.cpp)
list(SORT runtime)
list(SORT harness)
digest(src_digest ${runtime})
digest(harness_digest ${harness})

set(text "// Written by bench/source_digest.cmake.
#pragma once

#include <string_view>

namespace jacquard::bench {

inline constexpr std::string_view src_digest = \"${src_digest}\";
inline constexpr std::string_view harness_digest = \"${harness_digest}\";
inline constexpr std::string_view compiler_name = \"${COMPILER}\";
inline constexpr std::string_view compiler_flags = \"${FLAGS}\";
inline constexpr std::string_view source_tree = \"${TREE}\";

}  // namespace jacquard::bench
")
set(old "")
if(EXISTS ${OUT})
  file(READ ${OUT} old)
endif()
if(NOT old STREQUAL text)
  file(WRITE ${OUT} "${text}")
endif()
