/**
 * Checks linearizability: whether each step of a history can take effect at one moment between its
 * call and its answer, in one order.
 */

/** A client's request for one item, and its answer. */
export type Did =
  /**
   * `isHeld` null: no answer arrived, so the purchase may have taken effect at any later time, or
   * not at all.
   */
  | { kind: 'buy'; quantity: number; isHeld: boolean | null }
  | { kind: 'giveBack'; quantity: number }
  | { kind: 'read'; available: number };

export interface Step {
  did: Did;
  /** The time of the call, and that of the answer; on one clock. */
  askedMs: number;
  answeredMs: number;
}

/** The units left after the step; null where its answer was impossible. */
function after(available: number, did: Did): number | null {
  switch (did.kind) {
    case 'buy':
      if (did.isHeld === false) return available < did.quantity ? available : null;
      return available >= did.quantity ? available - did.quantity : null;
    case 'giveBack':
      return available + did.quantity;
    case 'read':
      return available === did.available ? available : null;
  }
}

const isOpen = ({ did }: Step): boolean => did.kind === 'buy' && did.isHeld === null;

/**
 * Searches an order with Wing and Gong's algorithm and Lowe's cache of visited states: the steps
 * done so far, and the units left. `stock` is the initial number. Long histories are cheap as long
 * as few steps overlap.
 */
export function isLinearizable(history: readonly Step[], stock: number): boolean {
  const steps = history
    .map((step) => ({ ...step, answeredMs: isOpen(step) ? Number.POSITIVE_INFINITY : step.answeredMs }))
    .sort((one, other) => one.askedMs - other.askedMs);
  const isDone = new Array<boolean>(steps.length).fill(false);
  const been = new Set<string>();
  let definite = steps.filter((step) => !isOpen(step)).length;
  /** Every step before this index is done. */
  let first = 0;

  /**
   * The earliest answered of equal steps stands for all: an order of steps that starts with another
   * of them can start with it too.
   */
  const worthTrying = (next: readonly number[], earliestMs: number, available: number): number[] => {
    const best = new Map<string, number>();
    for (const place of next) {
      const step = steps[place];
      if (!step || step.askedMs > earliestMs) continue;
      // A true answer without an effect can take place now: no order needs it later.
      if (after(available, step.did) === available) return [place];
      const name = JSON.stringify(step.did);
      const known = steps[best.get(name) ?? -1];
      if (!known || step.answeredMs < known.answeredMs) best.set(name, place);
    }
    return [...best.values()];
  };

  const search = (available: number): boolean => {
    if (definite === 0) return true;
    while (first < steps.length && isDone[first]) first += 1;
    const from = first;
    // Candidates: every step called before the earliest pending answer.
    let earliestMs = Number.POSITIVE_INFINITY;
    const next: number[] = [];
    for (let place = from; place < steps.length; place += 1) {
      const step = steps[place];
      if (!step || isDone[place]) continue;
      if (step.askedMs > earliestMs) break;
      earliestMs = Math.min(earliestMs, step.answeredMs);
      next.push(place);
    }
    const last = (next.at(-1) ?? from) + 1;
    const key = `${available} ${from} ${isDone.slice(from, last).map(Number).join('')}`;
    if (been.has(key)) return false;
    been.add(key);
    for (const place of worthTrying(next, earliestMs, available)) {
      const step = steps[place];
      const left = step && after(available, step.did);
      if (!step || left === undefined || left === null) continue;
      isDone[place] = true;
      if (!isOpen(step)) definite -= 1;
      if (search(left)) return true;
      isDone[place] = false;
      if (!isOpen(step)) definite += 1;
      first = from;
    }
    return false;
  };
  return search(stock);
}
