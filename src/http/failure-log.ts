/** Logs failed requests, at most a few of each kind a minute, and the number left out. */

import { FAILURE_LINES_MAX, FAILURE_LOG_KINDS_MAX, FAILURE_LOG_WINDOW_MS } from '../limits.ts';
import type { Log } from '../log.ts';
import type { Clock } from '../split/clock.ts';

/** Errors thrown at the same place are one kind. */
const kindOf = ({ name, stack = '' }: Error): string =>
  `${name} ${stack.split('\n').find((line) => line.trimStart().startsWith('at ')) ?? ''}`;

export function createFailureLog(log: Log, clock: Clock): (error: Error) => void {
  const lines = new Map<string, number>();
  let omitted = 0;
  let endsAt = Number.NEGATIVE_INFINITY;

  return (error) => {
    const now = clock.monotonicMs();
    if (now >= endsAt) {
      if (omitted > 0) log.error({ omitted }, 'more requests failed than were logged');
      lines.clear();
      omitted = 0;
      endsAt = now + FAILURE_LOG_WINDOW_MS;
    }
    const kind = kindOf(error);
    const logged = lines.get(kind) ?? 0;
    if (logged >= FAILURE_LINES_MAX || (logged === 0 && lines.size >= FAILURE_LOG_KINDS_MAX)) {
      omitted += 1;
      return;
    }
    lines.set(kind, logged + 1);
    // Omits the request, which may hold personal data.
    log.error({ error: error.name, stack: error.stack }, 'a request failed');
  };
}
