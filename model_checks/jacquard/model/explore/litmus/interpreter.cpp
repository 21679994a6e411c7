// Runs a parsed program for the search: no fibers, a program counter and registers for each thread.
#include <jacquard/model/explore/litmus/program.hpp>

namespace jacquard::model::explorer::litmus {

std::int64_t value_of(const expression& e, const std::int64_t* registers) noexcept {
  const word base = e.reg < 0 ? 0 : static_cast<word>(registers[e.reg]);
  return static_cast<std::int64_t>(base + static_cast<word>(e.constant));
}

bool is_true(const condition& c, const std::int64_t* registers) noexcept {
  const std::int64_t a = value_of(c.left, registers);
  const std::int64_t b = value_of(c.right, registers);
  switch (c.how) {
    case comparison::equal:
      return a == b;
    case comparison::different:
      return a != b;
    case comparison::less:
      return a < b;
    case comparison::at_most:
      return a <= b;
    case comparison::greater:
      return a > b;
    case comparison::at_least:
      return a >= b;
  }
  return false;
}

void interpreter::restart(search& engine) {
  if (engine.graph().locations() < text_.locations.size()) {
    for (std::size_t l = 0; l < text_.locations.size(); ++l) {
      engine.know(static_cast<location_id>(l), static_cast<word>(text_.initial[l]));
    }
  }
  for (std::size_t t = 0; t < state_.size(); ++t) {
    state_[t].next = 0;
    state_[t].registers.assign(text_.threads[t].registers.size(), 0);
  }
}

void interpreter::run(search& engine, unsigned thread) {
  thread_now& now = state_[thread];
  const std::vector<instruction>& code = text_.threads[thread].code;
  while (now.next < code.size()) {
    const instruction& i = code[now.next];
    if (i.what == statement::access) {
      if (i.aside && engine.stand_aside()) return;
      operation op = i.op;
      op.operand = static_cast<word>(value_of(i.operand, now.registers.data()));
      op.expected = static_cast<word>(value_of(i.expected, now.registers.data()));
      word result = 0;
      if (engine.perform(op, result) == step::wait) return;
      if (i.result >= 0) {
        now.registers[static_cast<std::size_t>(i.result)] = static_cast<std::int64_t>(result);
      }
    } else if (!is_true(i.holds, now.registers.data())) {
      if (i.what == statement::assume) {
        engine.block();
        return;
      }
      now.next = i.target;
      continue;
    }
    ++now.next;
  }
  engine.finish();
}

answer explore(const source& text, memory_model model,
               const std::function<void(const execution&)>& also, std::uint8_t spurious_max) {
  answer result;
  interpreter what(text);
  bool plain = false;
  for (const thread_text& t : text.threads) {
    for (const instruction& i : t.code) {
      plain = plain || (i.what == statement::access && i.op.order == order::na);
    }
  }
  outcome end;
  end.first.resize(text.threads.size());
  end.second.resize(text.locations.size());
  search engine(what,
                {.model = model, .spurious_max = spurious_max, .at_end = [&](const execution& e) {
                   if (plain && has_data_race(e.graph)) ++result.races;
                   if (also) also(e);
                   if (e.blocked) return true;
                   for (unsigned t = 0; t < text.threads.size(); ++t) {
                     end.first[t] = what.registers(t);
                   }
                   for (location_id l = 0; l < text.locations.size(); ++l) {
                     end.second[l] = static_cast<std::int64_t>(
                         e.graph.value_of(l, e.graph.write_at(l, e.graph.last_position(l))));
                   }
                   ++result.outcomes[end];
                   return true;
                 }});
  engine.run();
  result.total = engine.total();
  return result;
}

}  // namespace jacquard::model::explorer::litmus
