// jacquard/model/program.hpp: the command line of a program that holds checks.
//
// The same program runs the project's own checks (bin/jacquard-check-relacy and its siblings) and a user's.
// It keeps the commands' contract: --help, --list, --filter, --json, and exit codes 0 held, 1 found,
// 2 usage, 3 missing.
#pragma once

#include <string>

namespace jacquard::model {

/// Runs the checks that are linked into this program. `repeat_prefix` starts every repeat line: the command
/// that runs this program.
int run_program(int argc, char** argv, const std::string& repeat_prefix);

}  // namespace jacquard::model
