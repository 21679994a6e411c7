// ops/answer.hpp: a question that is answered as it was asked, and the answer to a question, waited for.
#pragma once

#include <cstdint>
#include <utility>

#include <jacquard/actor/future.hpp>

#include "ops/op.hpp"

namespace jacquard::audit {

struct echo {
  using reply = std::uint64_t;
  std::uint64_t value;
};

/// Waits for as long as it takes. Ends the program where the question ends without an answer.
template <class T>
[[nodiscard]] T answer_of(future<T> answer) {
  must(answer.wait() == reply_status::ready, "a live actor answers");
  return answer.take();
}

}  // namespace jacquard::audit
