/** Storefront style sheet; a theme only changes the first lines. */

export const shopStyle = `:root {
  color-scheme: light dark;
  --paper: #faf8f4; --card: #ffffff; --ink: #16191c; --quiet: #5a6067; --line: #dcd7cd;
  --accent: #0b5d3b; --on-accent: #ffffff; --warn: #8a3b00; --radius: .75rem;
  --font: system-ui, -apple-system, "Segoe UI", sans-serif; --display: var(--font);
}
@media (prefers-color-scheme: dark) {
  :root { --paper: #121416; --card: #1b1e21; --ink: #eeece8; --quiet: #a7adb3; --line: #34393e; --accent: #4cc38a; --on-accent: #08120d; --warn: #ffb27d; }
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.0625rem/1.55 var(--font); overflow-wrap: anywhere; }
header, main, footer { max-width: 64rem; margin: 0 auto; padding: 1.25rem; }
header a { color: inherit; text-decoration: none; font-weight: 700; letter-spacing: .02em; }
h1, h2 { font-family: var(--display); line-height: 1.15; margin: 0 0 .75rem; text-wrap: balance; }
h1 { font-size: clamp(1.75rem, 5vw, 2.75rem); }
h2 { font-size: 1.25rem; }
a { color: var(--accent); }
img { display: block; width: 100%; height: auto; aspect-ratio: 4 / 3; object-fit: cover; border-radius: var(--radius); background: var(--line); }
.grid { display: grid; gap: 1.5rem; grid-template-columns: repeat(auto-fill, minmax(min(18rem, 100%), 1fr)); padding: 0; list-style: none; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); padding: 1rem; }
.card a { display: block; color: inherit; text-decoration: none; }
.card h2 { margin-top: .9rem; }
.phase { display: inline-block; font-size: .875rem; font-weight: 650; padding: .15rem .6rem; border-radius: 1rem; border: 1px solid currentColor; color: var(--quiet); }
.phase[data-phase="live"] { color: var(--accent); }
.split { display: grid; gap: 2rem; grid-template-columns: 1fr; align-items: start; }
@media (min-width: 52rem) { .split { grid-template-columns: 1fr 1fr; } }
.lead { font-size: 1.125rem; white-space: pre-line; }
.quiet { color: var(--quiet); }
.clock { font-variant-numeric: tabular-nums; font-size: 1.5rem; font-weight: 650; min-height: 2.4rem; }
.notice { border-left: 4px solid var(--warn); padding: .6rem .9rem; margin: 0 0 1.25rem; background: var(--card); border-radius: 0 var(--radius) var(--radius) 0; }
fieldset { border: 0; padding: 0; margin: 0 0 1.25rem; }
legend, label.field { font-weight: 650; display: block; margin-bottom: .4rem; padding: 0; }
.items { display: grid; gap: .5rem; }
.item { display: grid; grid-template-columns: auto 1fr auto; gap: .75rem; align-items: center; border: 1px solid var(--line); background: var(--card); border-radius: var(--radius); padding: .75rem 1rem; cursor: pointer; }
.item:has(input:checked) { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
.item:has(input:disabled) { cursor: not-allowed; color: var(--quiet); }
.item small { display: block; color: var(--quiet); font-variant-numeric: tabular-nums; }
.item input { width: 1.2rem; height: 1.2rem; accent-color: var(--accent); }
.item b { font-variant-numeric: tabular-nums; }
input[type="email"], input[type="text"], input[type="number"] { width: 100%; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--quiet); border-radius: .5rem; padding: .7rem .8rem; margin-bottom: 1.1rem; }
input[type="number"] { max-width: 7rem; }
button, .button { font: inherit; font-weight: 650; display: block; width: 100%; text-align: center; text-decoration: none; cursor: pointer; padding: .9rem 1.2rem; border-radius: var(--radius); border: 1px solid var(--accent); background: var(--accent); color: var(--on-accent); }
.choices { display: grid; gap: .75rem; margin-top: 2rem; }
button.second { background: transparent; color: var(--ink); border-color: var(--quiet); margin-top: .75rem; }
button:disabled { opacity: .55; cursor: not-allowed; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .4rem 1rem; margin: 1.25rem 0; }
dt { color: var(--quiet); overflow-wrap: normal; }
dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; }
.whole, .item b { white-space: nowrap; }
.narrow { max-width: 34rem; margin: 0 auto; }
@media (prefers-reduced-motion: no-preference) { .item, button { transition: border-color .15s, opacity .15s; } }
`;
