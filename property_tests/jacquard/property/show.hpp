// jacquard/property/show.hpp: how counterexamples are printed. Found by rapidcheck beside the types.
#pragma once

#include <cstdint>
#include <jacquard/spec/linearizability.hpp>
#include <jacquard/spec/models.hpp>
#include <ostream>

namespace jacquard::spec {

template <class Op>
void showValue(const timed<Op>& t, std::ostream& os) {
  os << "[" << t.called << ", ";
  t.returned == pending ? os << "pending" : os << t.returned;
  os << "] ";
  showOperation(t.operation, os);
}

inline void showOperation(const register_model::operation_type& op, std::ostream& os) {
  const auto value = [&](std::int64_t v) -> std::ostream& {
    return v == register_model::nil ? os << "nil" : os << v;
  };
  switch (op.what) {
    case register_model::act::read:
      value((os << "read ", op.value));
      break;
    case register_model::act::write:
      value((os << "write ", op.value));
      break;
    case register_model::act::swap:
      value((os << "swap ", op.expected));
      value((os << " -> ", op.value));
      break;
  }
  constexpr const char* answers[] = {" ?", "", " mismatch"};
  os << answers[static_cast<int>(op.got)];
}

inline void showOperation(const kv_model::operation_type& op, std::ostream& os) {
  constexpr const char* acts[] = {"get", "put", "append"};
  os << acts[static_cast<int>(op.what)] << " key " << op.key << " value " << op.value
     << (op.answered ? "" : " ?");
}

inline void showOperation(const queue_model::operation_type& op, std::ostream& os) {
  switch (op.what) {
    case queue_model::act::send:
      os << "send " << op.id << " " << to_string(op.result);
      if (op.evicted != 0) os << " evicting " << op.evicted;
      break;
    case queue_model::act::receive:
      os << "receive " << op.id;
      break;
    case queue_model::act::empty:
      os << "empty";
      break;
    case queue_model::act::close:
      os << "close " << (op.first ? "first" : "again");
      break;
  }
}

}  // namespace jacquard::spec
