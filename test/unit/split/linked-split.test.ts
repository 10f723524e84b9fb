/** A link to a writer that answers, on a file for which no reader can be opened. */
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { openLinkedSplit } from '../../../src/split/linked-split.ts';
import { systemClock } from '../../../src/split/system-clock.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';

test.each([
  ['the file is gone', { kind: 'ready', update: null, commit: 0 }, /unable to open database file/],
  ['the writer failed', { kind: 'fault', reason: 'The disk failed.' }, /lost before it was ready/],
])('is refused where %s', async (_, first, reason) => {
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(JSON.stringify(first));
  const opening = openLinkedSplit(
    {
      connection: { file: join(scratchFolder(), 'none.db'), busyTimeoutMs: 0, synchronous: 'FULL' },
      queue: { queueMax: 1, deadlineMs: 1_000, batchMax: 1 },
      priorities: { order: ['writes'], of: () => 'writes' as const },
      readersMax: 1,
    },
    { port: port2, lastCommit: new SharedArrayBuffer(4) },
    systemClock,
    { onUpdate: () => undefined, onFault: () => undefined },
  );
  await expect(opening).rejects.toThrow(reason);
  port1.close();
});
