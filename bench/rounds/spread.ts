/** Medians and spreads of a figure over several rounds. */

export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** Throws a RangeError without figures. */
export function spreadOf(figures: readonly number[]): Spread {
  const sorted = [...figures].sort((one, other) => one - other);
  const [low, high] = [
    sorted[Math.floor((sorted.length - 1) / 2)],
    sorted[Math.ceil((sorted.length - 1) / 2)],
  ];
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (low === undefined || high === undefined || min === undefined || max === undefined) {
    throw new RangeError('A median needs at least one figure.');
  }
  return { median: (low + high) / 2, min, max };
}

/** Formats as `1,234 (1,100 to 1,300)`. */
export const spreadText = (spread: Spread, digits = 0): string => {
  const written = (figure: number): string =>
    figure.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${written(spread.median)} (${written(spread.min)} to ${written(spread.max)})`;
};
