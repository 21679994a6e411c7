// jacquard/model/report.hpp: a certificate as a row, and as text.
#pragma once

#include <string>

#include <jacquard/command/command.hpp>
#include <jacquard/model/check.hpp>

namespace jacquard::model {

/// The row of one verdict. `repeat` is the command that repeats a failure, or empty.
[[nodiscard]] command::row row_of(const registered_check& check, const certificate& made,
                                  const std::string& repeat);

/// What stands below the row of a broken check: where, history, the commands to repeat it and to stop in it.
[[nodiscard]] std::string explained(const certificate& made, const std::string& repeat,
                                    const std::string& debugger);

/// The command that repeats what `made` found.
[[nodiscard]] std::string repeat_of(const registered_check& check, const certificate& made,
                                    const std::string& prefix);

/// The command that stops a debugger at the failing step of what `made` found, on the failing thread's stack;
/// empty where the check's engine offers none. `program` is the file that holds the check.
[[nodiscard]] std::string debugger_of(const registered_check& check, const certificate& made,
                                      const std::string& program);

}  // namespace jacquard::model
