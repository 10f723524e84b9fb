/**
 * Dashboard script: polls /metrics each second, plots 15 minutes, and keeps them across reloads.
 * Its calculations are in readings.ts, which has tests.
 */
/* global uPlot */
import { phaseNames, readings } from './readings.js';

const [everyMs, keptMs, seriesMax] = [1000, 900000, 8];
const { drop, slug, edge } = document.body.dataset;
const key = `stampede ${drop || ''}`;
const query = drop ? `?dropId=${encodeURIComponent(drop)}` : '';
const figures = [...document.querySelectorAll('[data-plot]')];
let moments = [];
try {
  moments = JSON.parse(sessionStorage.getItem(key)) || [];
} catch {
  /* Unreadable history is ignored. */
}
const keep = () => {
  // If session storage is full, the plots start over after a reload.
  try {
    sessionStorage.setItem(key, JSON.stringify(moments));
  } catch {
    sessionStorage.removeItem(key);
  }
};
addEventListener('pagehide', keep);

const show = (value) =>
  value === null || value === undefined
    ? '–'
    : value.toLocaleString('en', { maximumFractionDigits: Math.abs(value) < 10 ? 2 : 0 });
const setText = (element, text) => {
  if (element && element.textContent !== text) element.textContent = text;
};
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const rowOf = (series, place) => {
  const row = document.createElement('tr');
  const [head, cell] = [document.createElement('th'), document.createElement('td')];
  head.scope = 'row';
  head.textContent = series.replaceAll('_', ' ');
  row.dataset.series = place;
  row.append(head, cell);
  return row;
};

const optionsOf = (width, names, setCursor) => {
  const axis = {
    stroke: colour('--quiet'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui',
  };
  const line = (series, place) => ({
    label: series,
    stroke: colour(`--s${place}`),
    width: 1.75,
    points: { show: false },
  });
  return {
    width,
    height: 150,
    legend: { show: false },
    cursor: { sync: { key: 'stampede' }, drag: { x: false, y: false }, points: { size: 5 } },
    scales: { y: { range: (_, _low, high) => [0, Math.max(high, 1) * 1.1] } },
    axes: [
      {
        ...axis,
        size: 26,
        space: 70,
        incrs: [1, 2, 5, 10, 15, 30, 60, 120, 180, 300],
        values: (_, ticks) => ticks.map((seconds) => new Date(seconds * 1000).toISOString().slice(11, 19)),
      },
      { ...axis, size: 48, values: (_, ticks) => ticks.map(show) },
    ],
    series: [{}, ...names.map(line)],
    hooks: { setCursor: [setCursor] },
  };
};

// One plot. Its series are those in moments; the table shows the last value of each, or the one
// under the cursor.
const plotIn = (figure) => {
  const { plot: name, unit } = figure.dataset;
  const [box, rows] = [figure.querySelector('.canvas'), figure.querySelector('tbody')];
  setText(figure.querySelector('[data-unit-shown]'), unit);
  // An outcome that has not occurred counts as 0; a value that was not measured is unknown.
  const absent = name === 'requests' ? 0 : null;
  let drawn = null;
  let names = [];
  let data = [];
  const atOf = (cursor) => cursor.idx ?? data[0].length - 1;
  const showAt = (at) => {
    for (const place of names.keys()) setText(rows.children[place].lastChild, show(data[place + 1][at]));
  };
  const begin = () => {
    if (drawn) drawn.destroy();
    rows.replaceChildren(...names.map(rowOf));
    drawn = new uPlot(
      optionsOf(box.clientWidth || 300, names, ({ cursor }) => showAt(atOf(cursor))),
      data,
      box,
    );
  };
  const draw = () => {
    const totals = new Map();
    for (const { [name]: values } of moments)
      for (const series of Object.keys(values))
        totals.set(series, (totals.get(series) || 0) + (values[series] || 0));
    // If there are more series than colours, keep the busiest, in their order of appearance so
    // that colours stay.
    const least = [...totals.values()].sort((one, other) => other - one)[seriesMax - 1] ?? 0;
    const order = [...totals.keys()].filter((series) => totals.get(series) >= least).slice(0, seriesMax);
    const isSame = drawn && order.join() === names.join();
    names = order;
    data = [
      moments.map(({ at }) => at / 1000),
      ...names.map((series) => moments.map(({ [name]: values }) => values[series] ?? absent)),
    ];
    if (names.length === 0) return;
    if (isSame) drawn.setData(data);
    else begin();
    showAt(atOf(drawn.cursor));
  };
  new ResizeObserver(() => drawn?.setSize({ width: box.clientWidth, height: 150 })).observe(figure);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => drawn && begin());
  return draw;
};
const draws = figures.map(plotIn);

const showUnits = (row, { available, held, sold }) => {
  const counts = { available, held, sold, stock: available + held + sold };
  for (const [count, units] of Object.entries(counts))
    setText(row.querySelector(`[data-count="${count}"], [data-sum="${count}"]`), show(units));
  const share = (units) => (counts.stock === 0 ? 0 : (units / counts.stock) * 100);
  const part = (name) => row.querySelector(`[data-part="${name}"]`);
  part('sold').setAttribute('width', share(sold));
  part('held').setAttribute('x', share(sold));
  part('held').setAttribute('width', share(held));
};
const sum = (units) =>
  Object.values(units).reduce((all, one) => ({
    available: all.available + one.available,
    held: all.held + one.held,
    sold: all.sold + one.sold,
  }));
const showDrop = async () => {
  const answer = await fetch(`/admin/drops/${drop}`);
  // Signed out or revoked. Navigate by GET: a reload would resubmit the form that this page may
  // have answered.
  if (answer.status === 401) return location.assign(`/admin/ui/drops/${drop}`);
  if (!answer.ok) return;
  const { phase, items } = await answer.json();
  for (const badge of document.querySelectorAll(
    `#phase .badge, [data-drop="${CSS.escape(slug)}"] [data-phase]`,
  )) {
    badge.dataset.phase = phase;
    setText(badge, phaseNames[phase]);
  }
  return Object.fromEntries(items.map((item) => [item.sku, item]));
};

let [before, beforeMs, count] = [null, 0, 0];
const poll = async () => {
  const answer = await fetch(`/metrics${query}`);
  const now = readings.read(await answer.text());
  const at = Date.now();
  let units = drop ? readings.units(now, slug) : {};
  // /metrics has no phases and no drafts; at the edge, the drop answers sooner than the metrics
  // of all objects.
  if (drop && (edge || count++ % 5 === 0 || Object.keys(units).length === 0))
    units = (await showDrop()) || units;
  for (const row of document.querySelectorAll('tr[data-sku]'))
    if (units[row.dataset.sku]) showUnits(row, units[row.dataset.sku]);
  for (const row of document.querySelectorAll('tr[data-drop]')) {
    const all = row.dataset.drop === slug ? units : readings.units(now, row.dataset.drop);
    if (Object.keys(all).length > 0) showUnits(row, sum(all));
  }
  if (before) {
    const moment = readings.moment(before, now, (at - beforeMs) / 1000);
    moment.stock = Object.fromEntries(Object.entries(units).map(([sku, { available }]) => [sku, available]));
    moments = [...moments.filter((one) => one.at > at - keptMs), { at, ...moment }];
    setText(document.querySelector('[data-span]'), 'Last second; plots show up to 15 minutes');
    for (const draw of draws) draw();
  }
  [before, beforeMs] = [now, at];
};
const again = () =>
  poll()
    .catch(() => {
      before = null;
    })
    .finally(() => setTimeout(again, everyMs));
if (moments.length > 0) for (const draw of draws) draw();
again();
