// The program that counts by itself, natively. Prints `tally ALLOCATIONS FREES BYTES` before `ops_done`.
#include <cstdio>

#include <jacquard/audit/scope.hpp>

#include "ops/op.hpp"

namespace {

jacquard::audit::tally start;

void begin() {
  jacquard::audit::must(jacquard::audit::armed(), "the interposer counts what malloc and new do");
  start = jacquard::audit::process();
}

void report() {
  const jacquard::audit::tally spent = jacquard::audit::process() - start;
  std::printf("tally %llu %llu %llu\n", static_cast<unsigned long long>(spent.allocations),
              static_cast<unsigned long long>(spent.frees),
              static_cast<unsigned long long>(spent.bytes));
}

}  // namespace

int main(int argc, char** argv) { return jacquard::audit::ops_main(argc, argv, begin, report); }
