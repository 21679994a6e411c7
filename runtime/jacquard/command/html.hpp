// jacquard/command/html.hpp: text as it may stand in an HTML page, between tags or in a quoted attribute.
#pragma once

#include <string>
#include <string_view>

namespace jacquard::command {

/// `text` without markup: & < > " ' become entities. Lines and tabs stay; any other control character becomes a blank.
[[nodiscard]] inline std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '\n':
      case '\t':
        out += c;
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return out;
}

}  // namespace jacquard::command
