/** Style sheet of the operator pages, light and dark; print shows only the certificate. */

export const adminStyle = `:root {
  color-scheme: light dark;
  --paper: #f6f5f2; --card: #ffffff; --ink: #16191c; --quiet: #575d64; --line: #dedad1; --soft: #efede7;
  --accent: #0b5d3b; --on-accent: #ffffff; --warn: #8f2d13; --on-warn: #ffffff; --good: #0b5d3b; --wait: #7a4b00;
  --sold: #0b5d3b; --held: #d39b2a;
  --s0: #0b6b45; --s1: #2f5fb3; --s2: #a8500a; --s3: #8a2f8f; --s4: #0f7285; --s5: #7a6a00; --s6: #b3264c; --s7: #575d64;
  --radius: .6rem; --font: system-ui, -apple-system, "Segoe UI", sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #111315; --card: #191c1f; --ink: #edebe6; --quiet: #a4abb2; --line: #32373c; --soft: #22262a;
    --accent: #4cc38a; --on-accent: #06120c; --warn: #ff9c78; --on-warn: #1c0b05; --good: #4cc38a; --wait: #f0b95a;
    --sold: #4cc38a; --held: #b98a2f;
    --s0: #4cc38a; --s1: #7ca9f5; --s2: #f0a05c; --s3: #d58bdb; --s4: #5cc4d6; --s5: #d3c14a; --s6: #f5809f; --s7: #a4abb2;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: .9375rem/1.5 var(--font); }
main { max-width: 78rem; margin: 0 auto; padding: 1.25rem 1.25rem 4rem; }
a { color: var(--accent); text-underline-offset: .15em; }
h1, h2 { line-height: 1.2; margin: 0; text-wrap: balance; overflow-wrap: anywhere; }
h1 { font-size: 1.625rem; letter-spacing: -.01em; }
h2 { font-size: 1.0625rem; }
code { font: .8125rem/1.4 ui-monospace, SFMono-Regular, Menlo, monospace; overflow-wrap: anywhere; }
section { margin-top: 2rem; }
section > h2 { margin-bottom: .75rem; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: .2rem; }
.quiet, .hint { color: var(--quiet); }
.hint { font-size: .8125rem; margin: .25rem 0 0; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: .5rem; z-index: 1; background: var(--card); padding: .5rem .8rem; }

.top { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1.5rem; padding: .6rem 1.25rem; background: var(--card); border-bottom: 1px solid var(--line); }
.mark { font-weight: 750; letter-spacing: -.01em; font-size: 1.0625rem; color: inherit; text-decoration: none; }
.top nav { flex: 1; }
.top ul, .tabs, .links { display: flex; flex-wrap: wrap; gap: .15rem; list-style: none; margin: 0; padding: 0; }
.top li a, .tabs a { display: block; padding: .4rem .7rem; border-radius: .4rem; color: var(--quiet); text-decoration: none; font-weight: 550; }
.top li a:hover, .tabs a:hover { background: var(--soft); color: var(--ink); }
.top [aria-current], .tabs [aria-current] { background: var(--soft); color: var(--ink); }
.who { display: flex; align-items: center; gap: .5rem; color: var(--quiet); font-size: .8125rem; }
.title { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1rem; margin-bottom: 1rem; }
.title > .button, .title > form { margin-left: auto; }
.title p { margin: 0; font-size: .8125rem; }
.crumb { margin: 0 0 .4rem; font-size: .8125rem; }
.links { gap: .35rem 1.25rem; margin-bottom: 1.25rem; }

.notice, .alert { padding: .7rem 1rem; margin: 0 0 1.25rem; border-radius: var(--radius); border: 1px solid var(--line); border-left: 4px solid var(--good); background: var(--card); }
.alert { border-left-color: var(--warn); }
.alert p { margin: 0; }
.alert ul { margin: 0; padding-left: 1.2rem; }
.badge { display: inline-block; white-space: nowrap; font-size: .8125rem; font-weight: 650; line-height: 1.4; padding: .1rem .55rem; border-radius: 1rem; border: 1px solid currentColor; color: var(--quiet); }
.badge[data-phase="live"], .badge[data-ready="ready"], .badge[data-clean="yes"], .badge[data-status="paid"], .badge[data-status="fulfilled"] { color: var(--good); }
.badge[data-phase="paused"], .badge[data-phase="sold_out"], .badge[data-status="held"], .badge[data-status="refunding"], .badge[data-ready="behind"] { color: var(--wait); }
.badge[data-ready="not_ready"], .badge[data-clean="no"], .badge[data-dispute="open"], .badge[data-dispute="lost"] { color: var(--warn); }
.badge[data-phase="live"]::before, .badge[data-ready="ready"]::before { content: ""; display: inline-block; width: .5rem; height: .5rem; margin-right: .4rem; border-radius: 50%; background: currentColor; }

.card { background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); padding: 1.1rem 1.25rem; margin: 1.25rem 0 0; }
.card > h2 { margin-bottom: .75rem; }
.narrow, .door { max-width: 32rem; }
.door { padding-top: 12vh; }
.door .mark { margin: 0 0 .25rem; color: var(--accent); }
.door h1 { margin-bottom: 1.25rem; }
.facts { display: flex; flex-wrap: wrap; gap: .75rem 2.25rem; margin: 0 0 1.25rem; }
dt { color: var(--quiet); font-size: .8125rem; }
dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.card dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(14rem, 100%), 1fr)); gap: .75rem 1.5rem; margin: 0; }
.lines { white-space: pre-line; }
time, .amount, .count { font-variant-numeric: tabular-nums; white-space: nowrap; }

.scroll { position: relative; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
.list { background: var(--card); border: 1px solid var(--line); }
.list th, .list td { text-align: left; vertical-align: middle; padding: .55rem .8rem; border-bottom: 1px solid var(--line); font-weight: 400; }
.list thead th { color: var(--quiet); font-size: .8125rem; background: var(--soft); white-space: nowrap; }
.list tbody tr:last-child > * { border-bottom: 0; }
.list tbody th { min-width: 11rem; }
.list tbody th a { font-weight: 600; }
.list .quiet { display: block; font-size: .8125rem; }
.list .count { text-align: right; }
.list .chosen { box-shadow: inset 3px 0 var(--accent); }
.list td.stock { width: 22%; min-width: 7rem; }
.bar { display: block; width: 100%; height: .55rem; border-radius: .3rem; background: var(--soft); }
.bar .sold { fill: var(--sold); }
.bar .held { fill: var(--held); }

.plots, .wide { display: grid; gap: 1rem; margin-top: 1rem; }
.plots { grid-template-columns: repeat(auto-fill, minmax(min(22rem, 100%), 1fr)); }
.plot { margin: 0; min-width: 0; background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); padding: .8rem 1rem .6rem; }
.plot .canvas { margin: .5rem -.4rem .2rem; min-width: 0; }
.plot .canvas:empty { margin-block: 0; }
.plot table, .plot tbody { display: block; width: auto; }
.plot tbody { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; font-size: .8125rem; }
.plot tr { display: inline-flex; gap: .4rem; align-items: baseline; }
.plot th { font-weight: 400; color: var(--quiet); padding: 0; }
.plot th::before { content: ""; display: inline-block; width: .7rem; height: .2rem; margin-right: .35rem; border-radius: .1rem; vertical-align: middle; background: var(--line); }
.plot td { padding: 0; font-weight: 600; font-variant-numeric: tabular-nums; }
.plot [data-series="0"] th::before { background: var(--s0); } .plot [data-series="1"] th::before { background: var(--s1); }
.plot [data-series="2"] th::before { background: var(--s2); } .plot [data-series="3"] th::before { background: var(--s3); }
.plot [data-series="4"] th::before { background: var(--s4); } .plot [data-series="5"] th::before { background: var(--s5); }
.plot [data-series="6"] th::before { background: var(--s6); } .plot [data-series="7"] th::before { background: var(--s7); }

form { margin: 0; }
.field { margin: 0 0 1rem; min-width: 0; }
label, legend { font-weight: 600; display: block; padding: 0; margin-bottom: .25rem; }
fieldset { border: 0; padding: 0; margin: 0 0 1rem; min-width: 0; }
input:not([type="checkbox"], [type="radio"], [type="hidden"]), textarea, select { width: 100%; font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--quiet); border-radius: .4rem; padding: .5rem .65rem; min-height: 2.5rem; }
textarea { resize: vertical; }
[aria-invalid="true"] { border-color: var(--warn) !important; border-width: 2px !important; }
.wrong { color: var(--warn); font-weight: 550; font-size: .875rem; margin: .25rem 0 0; }
.columns { display: grid; gap: 0 1.25rem; grid-template-columns: repeat(auto-fit, minmax(min(15rem, 100%), 1fr)); }
.columns.apart { align-items: start; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); }
.check { display: flex; gap: .5rem; align-items: baseline; margin: 0 0 .5rem; }
.check label { font-weight: 400; margin: 0; }
.check input { accent-color: var(--accent); }
.items { margin-top: .5rem; min-width: 36rem; }
.items th { text-align: left; font-weight: 600; font-size: .8125rem; color: var(--quiet); padding: 0 .5rem .25rem 0; }
.items td { width: 25%; padding: 0 .5rem .5rem 0; vertical-align: top; }
.items .field { margin: 0; }
.choice { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; }
.choice > label { margin: 0; align-self: center; font-weight: 400; color: var(--quiet); }
.filters .choice { gap: .25rem .5rem; }
.filters .choice > label { flex: 1 0 100%; align-self: start; font-weight: 600; color: inherit; }
.choice select { width: auto; max-width: 100%; }
.choice .field { margin: 0; flex: 1 1 14rem; }
.filters .choice select { flex: 1 1 10rem; }
.filters { display: grid; gap: 1rem; margin: 0 0 1.25rem; }
@media (min-width: 52rem) { .filters { grid-template-columns: 1fr 1fr; } .filters nav { grid-column: 1 / -1; } }
.buttons { display: flex; flex-wrap: wrap; gap: .6rem; align-items: start; margin: 1rem 0; }
button, .button { font: inherit; font-weight: 600; display: inline-block; cursor: pointer; padding: .45rem .9rem; min-height: 2.5rem; border-radius: .4rem; border: 1px solid var(--quiet); background: var(--card); color: var(--ink); text-decoration: none; }
button:hover, .button:hover { border-color: var(--ink); }
.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
button.warn { background: var(--warn); border-color: var(--warn); color: var(--on-warn); }
.plain { border: 0; background: none; padding: .25rem .4rem; min-height: 1.75rem; text-decoration: underline; color: var(--quiet); }
details > summary { cursor: pointer; }
.buttons details { border: 1px solid var(--quiet); border-radius: .4rem; background: var(--card); }
.buttons summary { padding: .45rem .9rem; min-height: 2.4rem; font-weight: 600; }
.buttons details[open] { padding-bottom: .9rem; max-width: 24rem; }
.buttons details > :not(summary) { margin: 0 .9rem; }
.buttons details p { margin-bottom: .6rem !important; }
summary h2 { display: inline; }
details.card[open] > summary { margin-bottom: 1rem; }

.certificate { background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); padding: 1.5rem; }
.certificate .scroll { margin-bottom: 1rem; }
.certificate .badge { font-size: 1rem; padding: .25rem .9rem; }
.part { margin-top: 1.25rem; }
.log { display: grid; gap: .6rem; margin: 0 0 1rem; }
@media (max-width: 34rem) {
  main { padding: 1rem .9rem 3rem; }
  .top { padding: .5rem .9rem; }
  .top nav { flex: 1 1 100%; order: 3; margin: 0 -.5rem; }
  .top li a { padding: .45rem .5rem; }
  .who { margin-left: auto; }
  .certificate { padding: 1rem; }
  .cards, .cards tbody, .cards tr, .cards tbody th, .cards td { display: block; }
  .cards { background: none; border: 0; }
  .cards thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .cards tr { background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); padding: .7rem .9rem; margin-bottom: .75rem; }
  .cards tbody th, .cards td { border: 0; padding: .15rem 0; min-width: 0; white-space: normal; overflow-wrap: anywhere; }
  .cards [data-label] { position: relative; padding-left: 8rem; text-align: left; }
  .cards [data-label]::before { content: attr(data-label); position: absolute; left: 0; width: 7.5rem; color: var(--quiet); font-size: .8125rem; }
  .cards form { margin-top: .6rem; }
}
@media print {
  .top, .skip, .crumb, .hint { display: none; }
  main > .certificate { border: 0; padding: 0; }
  body { background: none; font-size: 10pt; }
}
`;
