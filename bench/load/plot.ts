/** Draws line charts as SVG: no script, no library, readable in light and dark. */

export interface Line {
  name: string;
  points: readonly (readonly [x: number, y: number])[];
}

export interface Axis {
  title: string;
  isLogarithmic?: true;
  /** Positions and labels of the ticks; evenly spaced by default. */
  ticks?: readonly (readonly [at: number, label: string])[];
}

export interface Plot {
  title: string;
  x: Axis;
  y: Axis;
  lines: readonly Line[];
}

const size = { width: 720, height: 280, left: 64, right: 16, top: 16, bottom: 48 };
const colours = ['var(--line-1)', 'var(--line-2)', 'var(--line-3)', 'var(--line-4)'];
const ticksWanted = 6;

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** Rounds up to 1, 2 or 5 times a power of ten. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const digit = [1, 2, 5].find((step) => step * power >= rough) ?? 10;
  return digit * power;
}

const written = (value: number): string =>
  value >= 1_000_000
    ? `${value / 1_000_000}M`
    : value >= 10_000
      ? `${value / 1_000}k`
      : String(Number(value.toPrecision(3)));

interface Scale {
  ticks: readonly (readonly [at: number, label: string])[];
  /** Returns the position along the axis, 0..1. */
  place(value: number): number;
}

function scaleOf(axis: Axis, values: readonly number[]): Scale {
  const max = values.reduce((most, value) => Math.max(most, value), 0) || 1;
  if (axis.isLogarithmic) {
    const positive = values.filter((value) => value > 0);
    const low = Math.floor(Math.log10(positive.reduce((least, value) => Math.min(least, value), max)));
    const high = Math.max(low + 1, Math.ceil(Math.log10(max)));
    const powers = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
    return {
      ticks: axis.ticks ?? powers.map((power) => [power, written(power)] as const),
      place: (value) => (Math.log10(Math.max(value, 10 ** low)) - low) / (high - low),
    };
  }
  const step = roundStep(max / ticksWanted);
  const end = Math.ceil(max / step) * step;
  const even = Array.from({ length: Math.round(end / step) + 1 }, (_, index) => index * step);
  return {
    ticks: axis.ticks ?? even.map((value) => [value, written(value)] as const),
    place: (value) => value / end,
  };
}

/** Draws the plot. Lines without points appear in the legend only. */
export function plotSvg({ title, x, y, lines }: Plot): string {
  const points = lines.flatMap((line) => line.points);
  const across = scaleOf(
    x,
    points.map(([at]) => at),
  );
  const up = scaleOf(
    y,
    points.map(([, at]) => at),
  );
  const { width, height, left, right, top, bottom } = size;
  const xAt = (value: number): string => (left + across.place(value) * (width - left - right)).toFixed(1);
  const yAt = (value: number): string =>
    (height - bottom - up.place(value) * (height - top - bottom)).toFixed(1);
  const grid = [
    ...up.ticks.map(
      ([at, label]) =>
        `<line class="grid" x1="${left}" x2="${width - right}" y1="${yAt(at)}" y2="${yAt(at)}"/>` +
        `<text class="tick" x="${left - 8}" y="${yAt(at)}" dy="4" text-anchor="end">${escaped(label)}</text>`,
    ),
    ...across.ticks.map(
      ([at, label]) =>
        `<line class="grid" y1="${top}" y2="${height - bottom}" x1="${xAt(at)}" x2="${xAt(at)}"/>` +
        `<text class="tick" x="${xAt(at)}" y="${height - bottom + 18}" text-anchor="middle">${escaped(label)}</text>`,
    ),
  ];
  const drawn = lines.map(({ points: ofLine }, index) => {
    const path = ofLine.map(([atX, atY], nth) => `${nth === 0 ? 'M' : 'L'}${xAt(atX)} ${yAt(atY)}`).join('');
    return path === '' ? '' : `<path d="${path}" style="stroke:${colours[index % colours.length]}"/>`;
  });
  const legend = lines
    .map(
      ({ name }, index) =>
        `<span><i style="background:${colours[index % colours.length]}"></i>${escaped(name)}</span>`,
    )
    .join('');
  return (
    `<figure><figcaption>${escaped(title)}</figcaption><div class="legend">${legend}</div>` +
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">${grid.join('')}${drawn.join('')}` +
    `<text class="axis" x="${(left + width - right) / 2}" y="${height - 8}" text-anchor="middle">${escaped(x.title)}</text>` +
    `<text class="axis" transform="translate(14 ${(top + height - bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(y.title)}</text>` +
    '</svg></figure>'
  );
}
