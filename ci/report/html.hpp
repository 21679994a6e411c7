// report/html.hpp: text into HTML, and the page around it. No script, no font, no address: the page is one
// file that looks the same without a network.
#pragma once

#include <string>
#include <string_view>

#include <jacquard/command/html.hpp>

#include "report/evidence.hpp"

namespace jacquard::report {

/// Safe as text and inside a quoted attribute.
using command::escaped;

/// The class that colours a standing.
[[nodiscard]] std::string_view css_class(standing means);

/// A verdict as a small badge: word and colour, so that neither is needed alone.
[[nodiscard]] std::string badge(std::string_view verdict, standing means);

/// A whole document.
[[nodiscard]] std::string page(std::string_view title, std::string_view body);

}  // namespace jacquard::report
