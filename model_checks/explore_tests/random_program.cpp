#include "random_program.hpp"

#include <algorithm>
#include <initializer_list>

#include <jacquard/model/splitmix.hpp>

namespace explore_tests {

namespace {

class writer {
 public:
  writer(std::uint64_t seed, unsigned operations)
      : state_(seed * 0x2545f4914f6cdd1dULL + 1), left_(operations) {}

  std::string program() {
    const unsigned threads = 2 + pick(3);
    locations_ = 1 + (pick(3) != 0 ? 1u : 0u);
    strong_ = pick(3) == 0;  // mostly seq_cst, so that the axiom has work
    std::string text = "name: random\ninit: x=0 y=0\n";
    for (unsigned t = 0; t < threads; ++t) {
      text += "thread:\n";
      registers_ = 0;
      const unsigned reserved = threads - t - 1;  // one for each thread that follows
      const unsigned most = left_ > reserved ? std::min(6u, left_ - reserved) : 1;
      const unsigned mine = t + 1 == threads ? most : 1 + pick(std::min(most, 4u));
      left_ -= std::min(left_, mine);
      for (unsigned i = 0; i < mine; ++i) text += line(i + 1 < mine);
      for (; open_ > 0; --open_) text += "end\n";
    }
    return text;
  }

 private:
  unsigned pick(unsigned count) {
    return static_cast<unsigned>((jacquard::model::splitmix(state_) >> 32) * count >> 32);
  }
  std::string one_of(std::initializer_list<const char*> words) {
    if (strong_ && pick(2) != 0) return "sc";
    return words.begin()[pick(static_cast<unsigned>(words.size()))];
  }
  std::string place() { return pick(locations_) == 0 ? "x" : "y"; }
  std::string value() {
    if (registers_ > 0 && pick(3) == 0) {
      return "r" + std::to_string(pick(registers_)) + (pick(2) != 0 ? "+1" : "");
    }
    return std::to_string(pick(3));
  }
  std::string fresh() { return "r" + std::to_string(registers_++) + " = "; }

  std::string line(bool more) {
    std::string before;
    if (more && registers_ > 0 && pick(8) == 0) {
      before = "if r" + std::to_string(pick(registers_)) + (pick(2) != 0 ? " == " : " != ") +
               std::to_string(pick(2)) + "\n";
      ++open_;
    }
    if (registers_ > 0 && pick(16) == 0) {
      before += "assume r" + std::to_string(pick(registers_)) + " <= 1\n";
    }
    switch (pick(9)) {
      case 0:
      case 1:
      case 2: {
        const std::string where = place();
        return before + fresh() + "load " + where + " " + one_of({"na", "rlx", "acq", "sc"}) + "\n";
      }
      case 3:
      case 4: {
        const std::string what = value();
        return before + "store " + place() + " " + what + " " + one_of({"na", "rlx", "rel", "sc"}) +
               "\n";
      }
      case 5: {
        const std::string what = value();
        return before + fresh() + "fetch_add " + place() + " " + what + " " + update_order() + "\n";
      }
      case 6: {
        const std::string what = value();
        return before + fresh() + "exchange " + place() + " " + what + " " + update_order() + "\n";
      }
      case 7: {
        const std::string expected = value();
        const std::string desired = value();
        return before + fresh() + "cas " + place() + " " + expected + " " + desired + " " +
               update_order() + " " + one_of({"rlx", "acq", "sc"}) + "\n";
      }
      default:
        return before + "fence " + one_of({"acq", "rel", "acq_rel", "sc"}) + "\n";
    }
  }
  std::string update_order() { return one_of({"rlx", "acq", "rel", "acq_rel", "sc"}); }

  std::uint64_t state_;
  unsigned left_;
  unsigned locations_ = 2;
  unsigned registers_ = 0;
  unsigned open_ = 0;
  bool strong_ = false;
};

}  // namespace

std::string random_program(std::uint64_t seed, unsigned operations_max) {
  return writer(seed, operations_max).program();
}

}  // namespace explore_tests
