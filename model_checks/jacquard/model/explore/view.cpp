#include <jacquard/model/explore/view.hpp>

#include <jacquard/command/html.hpp>
#include <jacquard/model/explore/report.hpp>

#include <map>

namespace jacquard::model::explorer {

namespace {

constexpr int column = 300, row = 34, box_width = 270, box_height = 24, margin = 20, head = 40;

using command::escaped;

std::string number(int n) { return std::to_string(n); }

struct point {
  int x = 0, y = 0;
};

std::string arrow(point from, point to, const char* kind) {
  const int bend = from.x == to.x ? 60 : 0;
  return "<path class='" + std::string(kind) + "' marker-end='url(#" + kind + ")' d='M" +
         number(from.x) + "," + number(from.y) + " C" + number(from.x + 40 + bend) + "," +
         number(from.y) + " " + number(to.x + (from.x <= to.x && bend == 0 ? -40 : 40 + bend)) +
         "," + number(to.y) + " " + number(to.x) + "," + number(to.y) + "'/>\n";
}

std::string marker(const char* kind, const char* colour) {
  return "<marker id='" + std::string(kind) +
         "' viewBox='0 0 8 8' refX='7' refY='4' markerWidth='7' markerHeight='7' orient='auto'>"
         "<path d='M0,0 L8,4 L0,8 z' fill='" +
         colour + "'/></marker>";
}

}  // namespace

std::string page_of(const graph& g, const std::string& title, const std::string& detail) {
  std::map<event_id, point> left;  // the left end of each event's box
  std::string boxes;
  int y = head;
  for (const event_id id : sequence_of(g)) {
    const event& e = g[id];
    if (e.part == part::write_part) {  // shown with its read part
      left[id] = left[g.read_part_of(id)];
      continue;
    }
    const point at{margin + e.thread * column, y};
    left[id] = at;
    const std::string words = words_of(g, id);
    const std::string site = to_string_site(e.site);
    boxes += "<g><title>" + escaped(words + (site.empty() ? "" : " at " + site)) +
             "</title><rect x='" + number(at.x) + "' y='" + number(at.y) + "' width='" +
             number(box_width) + "' height='" + number(box_height) + "' rx='4'/><text x='" +
             number(at.x + 6) + "' y='" + number(at.y + 16) + "'>" + escaped(words) +
             "</text><text class='site' x='" + number(at.x + box_width - 4) + "' y='" +
             number(at.y + 16) + "'>" + escaped(site) + "</text></g>\n";
    y += row;
  }
  const auto middle = [&](event_id id, bool right) {
    const point at = left.at(id);
    return point{at.x + (right ? box_width : 0), at.y + box_height / 2};
  };
  const auto connect = [&](event_id from, event_id to, const char* kind) {
    if (!left.contains(from) || !left.contains(to)) return std::string();
    const bool to_the_right = left.at(from).x < left.at(to).x;
    const bool same = left.at(from).x == left.at(to).x;
    return arrow(middle(from, to_the_right || same), middle(to, !to_the_right || same), kind);
  };
  std::string arrows;
  for (event_id id = 0; id <= g.newest(); ++id) {
    if (g[id].is_read() && g[id].source >= 0) arrows += connect(g[id].source, id, "rf");
  }
  for (location_id l = 0; l < g.locations(); ++l) {
    const std::vector<event_id>& mo = g.at(l).order;
    for (std::size_t i = 1; i < mo.size(); ++i) arrows += connect(mo[i - 1], mo[i], "mo");
  }
  std::string names;
  for (unsigned t = 0; t < g.threads(); ++t) {
    names += "<text class='name' x='" + number(margin + static_cast<int>(t) * column) +
             "' y='20'>" + (t == 0 ? "main" : "thread " + std::to_string(t - 1)) + "</text>";
  }
  const std::string width = number(margin * 2 + static_cast<int>(g.threads()) * column);
  return "<!doctype html><html lang='en'><meta charset='utf-8'><title>" + escaped(title) +
         "</title><style>body{font:14px sans-serif;margin:24px}pre{white-space:pre-wrap}"
         "rect{fill:#f4f4f0;stroke:#999}text{font:12px monospace}.site{text-anchor:end;fill:#888;"
         "font-size:10px}.name{font-weight:bold}path{fill:none}.rf{stroke:#2a7;stroke-width:1.5}"
         ".mo{stroke:#c60;stroke-dasharray:4 3}</style><h1>" +
         escaped(title) + "</h1><p>" + escaped(detail) +
         "</p><p>Green: a read and the write it saw. Orange: modification order. Time "
         "runs down, along program order and green arrows.</p><svg width='" +
         width + "' height='" + number(y + margin) + "'><defs>" + marker("rf", "#2a7") +
         marker("mo", "#c60") + "</defs>" + names + "\n" + boxes + arrows +
         "</svg><h2>As text</h2><pre>" + escaped(history_of(g)) + "</pre></html>\n";
}

}  // namespace jacquard::model::explorer
