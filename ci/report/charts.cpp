#include "report/charts.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report/html.hpp"

namespace jacquard::report {

namespace {

// A range of logarithms onto a range of pixels.
struct log_axis {
  double low;
  double high;
  double from;
  double to;

  [[nodiscard]] double at(double value) const {
    const double part = (std::log(value) - std::log(low)) / (std::log(high) - std::log(low));
    return from + (to - from) * std::clamp(part, 0.0, 1.0);
  }
};

std::string begin_svg(double width, double height, std::string_view label) {
  return fmt::format("<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"{}\">\n", width,
                     height, escaped(label));
}

std::string text_at(double x, double y, std::string_view text, std::string_view anchor = "start",
                    std::string_view css = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" class=\"{}\">{}</text>\n",
                     x, y, anchor, css, escaped(text));
}

std::string line_between(double x1, double y1, double x2, double y2, std::string_view css) {
  return fmt::format("<path d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\" class=\"{}\"/>\n", x1, y1, x2, y2,
                     css);
}

std::string time_text(double value, const std::string& unit) {
  if (unit != "ns") return fmt::format("{:g} {}", value, unit);
  if (value >= 1e9) return fmt::format("{:g} s", value / 1e9);
  if (value >= 1e6) return fmt::format("{:g} ms", value / 1e6);
  if (value >= 1e3) return fmt::format("{:g} µs", value / 1e3);
  return fmt::format("{:g} ns", value);
}

// Labels at the ends of lines, moved apart so that none covers another.
std::vector<double> moved_apart(const std::vector<double>& wanted, double gap, double low,
                                double high) {
  std::vector<std::size_t> order(wanted.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return wanted[a] < wanted[b]; });
  std::vector<double> placed(wanted.size());
  double next = low;
  for (const std::size_t i : order) next = (placed[i] = std::max(wanted[i], next)) + gap;
  next = high;
  for (auto it = order.rbegin(); it != order.rend(); ++it) {
    placed[*it] = std::min(placed[*it], next);
    next = placed[*it] - gap;
  }
  return placed;
}

// The head of an arrow at x that points away from x + back.
std::string arrow(double x, double y, double back, std::string_view css) {
  return fmt::format("<path d=\"M{:.1f} {:.1f}l{:.1f} -4v8z\" class=\"f-{} solid\"/>\n", x, y, back,
                     css);
}

std::string square(const claim& each, double x, double y, double side) {
  std::string out = fmt::format("<g><title>{}: {} ({} {})</title>", escaped(each.name),
                                escaped(each.verdict), escaped(each.figure), escaped(each.unit));
  const bool hollow = each.means == standing::missing;
  const double inset = hollow ? 1.0 : 0.0;
  out += fmt::format(
      "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"1.5\" "
      "class=\"f-{}\"/>",
      x + inset, y + inset, side - 2 * inset, side - 2 * inset, css_class(each.means));
  if (each.means == standing::found) {
    out += fmt::format(
        "<path d=\"M{0:.1f} {1:.1f}l{2:.1f} {2:.1f}m0 -{2:.1f}l-{2:.1f} {2:.1f}\" class=\"x\"/>",
        x + 3, y + 3, side - 6);
  }
  if (each.means == standing::undecided) {
    out += fmt::format("<path d=\"M{:.1f} {:.1f}h{:.1f}\" class=\"x\"/>", x + 3, y + side / 2,
                       side - 6);
  }
  return out + "</g>\n";
}

}  // namespace

std::string cloth(const std::vector<claim>& claims) {
  constexpr double width = 1060, left = 150, side = 11, step = 13, gap = 8;
  const auto columns = static_cast<std::size_t>((width - left) / step);
  std::string drawn;
  double y = 4;
  for (std::size_t i = 0; i < claims.size();) {
    std::size_t end = i;
    while (end < claims.size() && claims[end].source == claims[i].source) ++end;
    drawn += text_at(left - 12, y + side - 1, claims[i].source, "end", "ink");
    for (std::size_t k = i; k < end; ++k) {
      const std::size_t place = k - i;
      drawn += square(claims[k], left + step * static_cast<double>(place % columns),
                      y + step * static_cast<double>(place / columns), side);
    }
    y += step * static_cast<double>((end - i - 1) / columns + 1) + gap;
    i = end;
  }
  return begin_svg(width, y, "One square per claim, one row per source") + drawn + "</svg>\n";
}

std::string spectrum(const std::vector<spectrum_line>& lines, const std::string& unit) {
  constexpr double width = 1060, height = 380, left = 66, right = 880, top = 16, bottom = 336;
  double low = 1e300, high = 0.0, tail = 0.5;
  for (const spectrum_line& line : lines) {
    for (const auto& [percentile, value] : line.points) {
      if (percentile >= 100.0 || value <= 0.0) continue;
      low = std::min(low, value);
      high = std::max(high, value);
      tail = std::min(tail, 1.0 - percentile / 100.0);
    }
  }
  if (high <= 0.0 || tail >= 0.5) return {};
  low = std::pow(10.0, std::floor(std::log10(low)));
  high = std::pow(10.0, std::ceil(std::log10(high) + 1e-9));
  const log_axis x{.low = 0.5, .high = tail, .from = left, .to = right};
  const log_axis y{.low = low, .high = high, .from = bottom, .to = top};

  std::string out = begin_svg(width, height, "Latency by percentile");
  for (double value = low; value <= high * 1.001; value *= 10.0) {
    out += line_between(left, y.at(value), right, y.at(value), "grid");
    out += text_at(left - 8, y.at(value) + 4, time_text(value, unit), "end");
  }
  for (const double percentile : {50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99, 99.999}) {
    const double rest = 1.0 - percentile / 100.0;
    if (rest < tail * 0.999) continue;
    out += line_between(x.at(rest), top, x.at(rest), bottom, "grid");
    out += text_at(x.at(rest), bottom + 18, fmt::format("{:g} %", percentile), "middle");
  }
  out += text_at((left + right) / 2, bottom + 38, "of messages are at least as fast", "middle");

  std::vector<double> ends;
  for (const spectrum_line& line : lines) {
    double last = bottom;
    for (const auto& [percentile, value] : line.points) {
      if (percentile < 100.0 && value > 0.0) last = y.at(value);
    }
    ends.push_back(last);
  }
  const std::vector<double> labels = moved_apart(ends, 15, top + 4, bottom);
  for (const bool ours : {false, true}) {  // ours on top
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (lines[i].ours != ours) continue;
      std::string path;
      double last_x = left;
      for (const auto& [percentile, value] : lines[i].points) {
        if (percentile >= 100.0 || value <= 0.0) continue;
        last_x = x.at(std::min(0.5, 1.0 - percentile / 100.0));
        path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? 'M' : 'L', last_x, y.at(value));
      }
      out += fmt::format("<path d=\"{}\" class=\"line {}\"><title>{}</title></path>\n", path,
                         ours ? "ours" : "", escaped(lines[i].label));
      out += line_between(last_x + 2, ends[i], right + 16, labels[i], "grid");
      out += text_at(right + 20, labels[i] + 4, lines[i].label, "start", ours ? "us" : "");
    }
  }
  return out + "</svg>\n";
}

std::string forest(const std::vector<forest_row>& rows) {
  if (rows.empty()) return {};
  constexpr double width = 1060, left = 330, right = 820, step = 24, top = 34;
  const double bottom = top + step * static_cast<double>(rows.size());
  double low = 0.8, high = 1.25;
  for (const forest_row& row : rows) {
    if (row.ratio > 0.0)
      low = std::min(low, row.ratio * 0.9), high = std::max(high, row.ratio * 1.1);
    if (row.limit > 0.0)
      low = std::min(low, row.limit * 0.95), high = std::max(high, row.limit * 1.05);
  }
  low = std::max(low, 0.02);
  high = std::min(high, 50.0);
  const log_axis x{.low = low, .high = high, .from = left, .to = right};
  std::string out = begin_svg(width, bottom + 34, "Ratios with their intervals");
  out += fmt::format(
      "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" class=\"band\"/>\n",
      x.at(1 / 1.02), top - 8, x.at(1.02) - x.at(1 / 1.02), bottom - top + 8);
  for (const double tick :
       {0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0}) {
    if (tick < low || tick > high) continue;
    out += line_between(x.at(tick), top - 8, x.at(tick), bottom, tick == 1.0 ? "zero" : "grid");
    out += text_at(x.at(tick), bottom + 18, fmt::format("{:g}×", tick), "middle");
  }
  out += text_at(x.at(1.0) - 10, top - 14, "← faster", "end");
  out += text_at(x.at(1.0) + 10, top - 14, "slower →", "start");
  double y = top + step / 2;
  for (const forest_row& row : rows) {
    const std::string_view css = css_class(row.means);
    out += text_at(left - 14, y + 4, row.label, "end", "ink");
    if (row.limit > 0.0) {
      out += line_between(x.at(row.limit), y - step / 2 + 2, x.at(row.limit), y + step / 2 - 2,
                          "limit");
    }
    const bool cut_low = !(row.low > low);
    const bool cut_high = !(row.high < high);
    const double a = row.low > 0.0 ? x.at(row.low) : left;
    const double b = std::isfinite(row.high) ? x.at(row.high) : right;
    out += fmt::format("<path d=\"M{:.1f} {:.1f}H{:.1f}\" class=\"s-{}\" stroke-width=\"2\"/>\n", a,
                       y, b, css);
    if (cut_low) out += arrow(left, y, 7, css);
    if (cut_high) out += arrow(right, y, -7, css);
    out += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\" class=\"f-{} solid\"/>\n",
                       x.at(row.ratio), y, css);
    out += text_at(right + 16, y + 4, row.note);
    y += step;
  }
  return out + "</svg>\n";
}

}  // namespace jacquard::report
