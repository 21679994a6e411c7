// jacquard/model/explore/litmus/shipped.hpp: the programs of model_checks/litmus/, inside the command, so that it can list
// them and be asked about them wherever it is installed.
#pragma once

#include <string_view>
#include <vector>

namespace jacquard::model::explorer::litmus {

struct shipped_file {
  std::string_view name;  // of the file
  std::string_view text;
};

/// In the order of the files' names.
[[nodiscard]] const std::vector<shipped_file>& shipped();

}  // namespace jacquard::model::explorer::litmus
