/** Read functions of a small application, valid and invalid ones. */
import type { SqliteConnection } from '../../../src/split/connection.ts';

export const openReads = (connection: SqliteConnection, { greeting }: { greeting: string }) => ({
  *countTo(last: number) {
    for (let n = 1; n <= last; n += 1) {
      yield undefined;
      yield `${greeting} ${connection.prepare('select ?').pluck().get(n)}`;
    }
  },
  // biome-ignore lint/correctness/useYield: it never has a part.
  *workForever() {
    for (;;) connection.prepare('select 1').get();
  },
  // biome-ignore lint/correctness/useYield: it fails before its first part.
  *fail() {
    throw new Error('It failed.');
  },
  // biome-ignore lint/correctness/useYield: it ends before its first part.
  *quit() {
    process.exit();
  },
});
