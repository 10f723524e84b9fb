/** Whether a history of purchases can be told as one story in which each step happens at one moment between its call and its answer. */

/** What a client asked of one item, and heard. */
export type Did =
  /** `isHeld` null: no answer came, so it may have happened, at any time from then on, or not at all. */
  | { kind: 'buy'; quantity: number; isHeld: boolean | null }
  | { kind: 'giveBack'; quantity: number }
  | { kind: 'read'; available: number };

export interface Step {
  did: Did;
  /** When it was asked for, and when the answer was there; on one clock. */
  askedMs: number;
  answeredMs: number;
}

/** What is left after the step; null where it could not have been answered so. */
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
 * Searches for the story as Wing and Gong do, with Lowe's memory of where it has been: what has happened so far, and how much is
 * left. `stock` is what there was before. Histories of many steps are no problem as long as few of them overlap.
 */
export function isLinearizable(history: readonly Step[], stock: number): boolean {
  const steps = history
    .map((step) => ({ ...step, answeredMs: isOpen(step) ? Number.POSITIVE_INFINITY : step.answeredMs }))
    .sort((one, other) => one.askedMs - other.askedMs);
  const isDone = new Array<boolean>(steps.length).fill(false);
  const been = new Set<string>();
  let definite = steps.filter((step) => !isOpen(step)).length;
  /** Everything before it has happened. */
  let first = 0;

  /** Of steps that say the same, the one that must come first stands for all: whatever story the others begin, it begins too. */
  const worthTrying = (next: readonly number[], earliestMs: number, available: number): number[] => {
    const best = new Map<string, number>();
    for (const place of next) {
      const step = steps[place];
      if (!step || step.askedMs > earliestMs) continue;
      // What changes nothing and is true now may as well happen now: no story needs it later.
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
    // What may come next: whatever was asked for before the earliest answer that is still to come.
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
