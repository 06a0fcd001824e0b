"""How the page looks: light and dark, on screen and on paper. Colours are told apart by the colour-blind as well."""

from typing import Final

STYLE: Final = """
:root {
  --paper: #ffffff; --ink: #1b1d20; --soft: #565b62; --rule: #d3d7dc; --shade: #f3f5f7;
  --good: #00614a; --bad: #a83200; --area: #2b6ca3;
  --primary: #0a5c96; --on-primary: #ffffff; --replica: #a9d3ee; --on-replica: #14222c;
  --fenced: #f0b23c; --on-fenced: #231a05; --absent: #ffffff; --on-absent: #3f444a;
  --unknown: #b9bec5; --on-unknown: #17191b; --target0: #e4dcf0; --on-target0: #231a33;
  --target1: #6b4c93; --on-target1: #ffffff; --phase0: #dfe4ea; --on-phase0: #1b1d20;
  --phase1: #b4bfcb; --on-phase1: #14181c;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #16181b; --ink: #e7e9ec; --soft: #a9afb7; --rule: #3b4047; --shade: #202327;
    --good: #62d6ae; --bad: #ff9d6c; --area: #6fb1e4;
    --primary: #4fa3dd; --on-primary: #081520; --replica: #1f4560; --on-replica: #e3f1fb;
    --fenced: #d99a22; --on-fenced: #1d1503; --absent: #16181b; --on-absent: #c3c8ce;
    --unknown: #5c636b; --on-unknown: #ffffff; --target0: #3b2f52; --on-target0: #efe8fa;
    --target1: #b79be0; --on-target1: #1b1029; --phase0: #3a4149; --on-phase0: #f0f2f4;
    --phase1: #59636e; --on-phase1: #ffffff;
  }
}
* { box-sizing: border-box; }
html { color-scheme: light dark; }
body {
  margin: 0 auto; padding: 1.5rem 1.25rem 3rem; max-width: 68rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif;
}
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.1rem; margin: 2.25rem 0 .5rem; padding-top: .5rem; border-top: 1px solid var(--rule); }
p { margin: .35rem 0; max-width: 50rem; }
.soft, figcaption { color: var(--soft); }
.verdict { font-size: 1.05rem; font-weight: 600; margin: .75rem 0 0; }
.good { color: var(--good); } .bad { color: var(--bad); }
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: .75rem; margin: 1rem 0 0; }
.tile { border: 1px solid var(--rule); border-radius: 4px; padding: .6rem .75rem; }
.tile dt { color: var(--soft); font-size: .85rem; line-height: 1.3; }
.tile dd { margin: 0; font-size: .85rem; line-height: 1.35; }
.tile dd.big { font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; }
@media (max-width: 44rem) { .tiles { grid-template-columns: repeat(2, 1fr); } }
figure { margin: 0; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
caption { text-align: left; color: var(--soft); padding-bottom: .25rem; }
th, td { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--rule); }
th { font-weight: 600; }
thead th { color: var(--soft); font-weight: 500; }
td, tbody th { overflow-wrap: anywhere; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.time { white-space: nowrap; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
.word { white-space: nowrap; overflow-wrap: normal; }
.bar { display: block; height: .7rem; margin-top: .35rem; background: var(--area); min-width: 1px; }
.key { width: 30%; } .wide { width: 16%; }
.swatch { display: inline-block; width: 1.1em; height: .8em; border: 1px solid var(--soft); }
.scroll { overflow-x: auto; } .scroll + .scroll, .scroll + p { margin-top: 1rem; }
code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .88em; overflow-wrap: anywhere; }
.plot { display: block; width: 100%; min-width: 44rem; height: auto; font-size: 12px; }
.plot text { fill: var(--ink); }
.plot .title, .plot .tick { fill: var(--soft); }
.plot .tick { font-size: 11px; font-variant-numeric: tabular-nums; }
.plot .grid { stroke: var(--rule); stroke-width: 1; }
.plot .break { stroke: var(--bad); stroke-width: 1; stroke-dasharray: 4 3; }
.plot path.broke, .plot text.broke { fill: var(--bad); }
.plot path.act { fill: var(--ink); }
.plot .lead { stroke: var(--soft); stroke-width: 1; fill: none; }
.plot .rate { fill: var(--area); }
.plot .outage { fill: var(--bad); opacity: .13; }
.plot .span { stroke: var(--paper); stroke-width: 1; }
.plot .span.absent, .plot .span.other { stroke: var(--soft); stroke-dasharray: 3 2; }
"""

_FILLED: Final = ("primary", "replica", "fenced", "absent", "unknown", "target0", "target1", "phase0", "phase1")

_FILLS: Final = "".join(
    f".swatch.{kind} {{ background: var(--{kind}); }}\n"
    f".plot .{kind} {{ fill: var(--{kind}); }} .plot .on-{kind} {{ fill: var(--on-{kind}); }}\n"
    for kind in _FILLED
)

_REST: Final = """
.plot .other { fill: var(--paper); }
@media print {
  body { font-size: 10pt; padding: 0; max-width: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  figure, .scroll { overflow: visible; } .plot { min-width: 0; }
  figure, .tiles, tr { break-inside: avoid; } h2 { break-after: avoid; }
}
"""

SHEET: Final = STYLE + _FILLS + _REST
