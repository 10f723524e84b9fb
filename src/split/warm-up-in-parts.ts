/** Runs an application's warm-up in short parts between the writer's batches. */
import type { Clock } from './clock.ts';
import type { OpenCommands } from './commands.ts';
import type { SqliteConnection } from './connection.ts';
import { isDiskFull } from './disk-full.ts';
import { notWrittenBecause } from './not-written.ts';

/** The other threads of a start need the processor first. */
const FIRST_AFTER_MS = 200;
const PAUSE_MS = 5;

type WarmUp = NonNullable<OpenCommands<unknown, unknown, unknown>['warmUp']>;

/** False at the end, also where another program has the lock or the disk is full. */
function hasMore(warmUp: WarmUp, connection: SqliteConnection, now: number): boolean {
  try {
    return warmUp(now);
  } catch (error) {
    if (notWrittenBecause(error) === null && !isDiskFull(error, connection)) throw error;
    return false;
  }
}

interface WarmUpHost {
  /** Runs work while no transaction is open. */
  between(work: () => void): void;
  isOver(): boolean;
}

/** Ends early once `isOver`. */
export function warmUpInParts(
  warmUp: WarmUp,
  connection: SqliteConnection,
  clock: Clock,
  { between, isOver }: WarmUpHost,
): void {
  const runAfter = (pauseMs: number): void => {
    clock.after(pauseMs, () => {
      if (isOver()) return;
      between(() => {
        if (!isOver() && hasMore(warmUp, connection, clock.now())) runAfter(PAUSE_MS);
      });
    });
  };
  runAfter(FIRST_AFTER_MS);
}
