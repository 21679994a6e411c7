#include "report/html.hpp"

#include <fmt/core.h>

namespace jacquard::report {

namespace {

constexpr std::string_view style = R"css(
:root{color-scheme:light dark;--bg:#faf8f4;--card:#fffdf9;--ink:#211e1a;--soft:#6a645a;--line:#e3ddd1;
--ours:#2f55c7;--peer:#948b7d;--held:#27764a;--found:#b3261e;--undecided:#8a5c00;--missing:#6c4f93;--noted:#7b7468;
--held-bg:#e2f1e7;--found-bg:#fbe4e1;--undecided-bg:#faeccf;--missing-bg:#ece4f6;--noted-bg:#efebe3}
@media(prefers-color-scheme:dark){:root{--bg:#171614;--card:#1f1d1a;--ink:#ece7de;--soft:#a39b8e;--line:#38342e;
--ours:#8fabff;--peer:#8d867a;--held:#6cc592;--found:#ff8478;--undecided:#e6b450;--missing:#bd9fe6;--noted:#a39b8e;
--held-bg:#1d3327;--found-bg:#44211d;--undecided-bg:#3d3015;--missing-bg:#32274a;--noted-bg:#2b2824}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 ui-sans-serif,system-ui,"Segoe UI",sans-serif}
main{max-width:1120px;margin:0 auto;padding:40px 28px 80px}
h1{font-size:30px;line-height:1.15;margin:0;letter-spacing:-.02em}
h2{font-size:20px;margin:52px 0 4px;letter-spacing:-.01em}
h3{font-size:15px;margin:24px 0 6px}
p{margin:4px 0 14px;max-width:78ch}.soft,.soft a{color:var(--soft)}.lead{font-size:18px;margin-top:10px}
code,.mono{font:12.5px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
code{overflow-wrap:anywhere}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px 18px;margin:12px 0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th{font-weight:600;text-align:left;color:var(--soft);font-size:12.5px;white-space:nowrap}
th,td{padding:5px 12px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}
tr:last-child td{border-bottom:0}td.n,th.n{text-align:right;white-space:nowrap}
td.d{color:var(--soft);font-size:13px;min-width:220px}td.c{min-width:200px}
.nm{overflow-wrap:anywhere;min-width:215px}
.b{display:inline-block;border-radius:5px;padding:0 7px;font-size:11.5px;line-height:19px;font-weight:650;
letter-spacing:.02em;white-space:nowrap}
.b.held{color:var(--held);background:var(--held-bg)}.b.found{color:var(--found);background:var(--found-bg)}
.b.undecided{color:var(--undecided);background:var(--undecided-bg)}
.b.missing{color:var(--missing);background:var(--missing-bg)}.b.noted{color:var(--noted);background:var(--noted-bg)}
.strip{display:flex;flex-wrap:wrap;gap:10px;margin:22px 0 6px}
.stat{flex:1 1 130px;border:1px solid var(--line);background:var(--card);border-radius:10px;padding:12px 14px}
.stat b{display:block;font-size:27px;line-height:1.1;font-weight:650;font-variant-numeric:tabular-nums}
.stat.held b{color:var(--held)}.stat.found b{color:var(--found)}.stat.undecided b{color:var(--undecided)}
.stat.missing b{color:var(--missing)}.stat span{color:var(--soft);font-size:13px}
details{border:1px solid var(--line);background:var(--card);border-radius:10px;margin:10px 0;padding:0 18px}
summary{cursor:pointer;padding:11px 0;font-weight:600}details[open] summary{border-bottom:1px solid var(--line)}
details .scroll{padding:6px 0 10px}
nav{margin:18px 0 0;display:flex;flex-wrap:wrap;gap:4px 16px;font-size:13.5px}
a{color:var(--ours);text-decoration:none}a:hover{text-decoration:underline}
svg{display:block;width:100%;height:auto}
svg text{fill:var(--soft);font:12px ui-sans-serif,system-ui,sans-serif}svg .ink{fill:var(--ink)}
svg .us{fill:var(--ours);font-weight:650}
.grid{stroke:var(--line);stroke-width:1;fill:none}.zero{stroke:var(--soft);stroke-width:1;fill:none}
.band{fill:var(--noted-bg)}.limit{stroke:var(--found);stroke-dasharray:4 3;fill:none}
.line{fill:none;stroke:var(--peer);stroke-width:1.3;opacity:.75}.line.ours{stroke:var(--ours);stroke-width:2.6;opacity:1}
.f-held{fill:var(--held)}.f-found{fill:var(--found)}.f-undecided{fill:var(--undecided)}.f-noted{fill:var(--peer);opacity:.55}
.f-missing{fill:none;stroke:var(--missing);stroke-width:1.5}.f-missing.solid{fill:var(--missing)}.f-noted.solid{opacity:1}
.s-held{stroke:var(--held)}.s-found{stroke:var(--found)}.s-undecided{stroke:var(--undecided)}
.s-noted{stroke:var(--noted)}.s-missing{stroke:var(--missing)}
.x{stroke:var(--card);stroke-width:1.6}
td.z{color:var(--held)}td.bad{color:var(--found);font-weight:650}
)css";

}  // namespace

std::string_view css_class(standing means) {
  switch (means) {
    case standing::held:
      return "held";
    case standing::found:
      return "found";
    case standing::undecided:
      return "undecided";
    case standing::missing:
      return "missing";
    case standing::noted:
      return "noted";
  }
  return "missing";
}

std::string badge(std::string_view verdict, standing means) {
  return fmt::format("<span class=\"b {}\">{}</span>", css_class(means), escaped(verdict));
}

std::string page(std::string_view title, std::string_view body) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
      "<title>{}</title><style>{}</style></head>\n<body><main>\n{}</main></body></html>\n",
      escaped(title), style, body);
}

}  // namespace jacquard::report
