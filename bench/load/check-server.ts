/**
 * Checks a stopped server: a graceful exit, no mention of a lock, and a file with everything that
 * it acknowledged.
 */
import { createIds } from '../../src/ids/ids.ts';
import type { Reported } from '../rounds/contender.ts';
import type { MeasuredServer } from '../rounds/server.ts';
import { readAcknowledged } from './acknowledged.ts';
import { type Check, checkFile } from './check-file.ts';
import { lockWords } from './outcomes.ts';

/** Checks a server after `server.stop`. */
export async function checkServer(
  server: MeasuredServer,
  acknowledgedFile: string,
  { unknown, paid }: Reported,
): Promise<Check[]> {
  const { code, signal } = await server.exited;
  const lockLine = server
    .output()
    .split('\n')
    .find((line) => lockWords.test(line));
  const ids = createIds(server.secretKey);
  return [
    { name: 'the server stopped gracefully', passed: code === 0, detail: signal ?? `code ${code}` },
    {
      name: 'the server printed nothing of a lock',
      passed: lockLine === undefined,
      detail: lockLine ?? 'nothing',
    },
    ...checkFile(server.databaseFile, {
      acknowledged: readAcknowledged(acknowledgedFile),
      unknown,
      paid,
      orderKeyOf: (publicId) => ids.parseOrder(publicId)?.orderId ?? null,
    }),
  ];
}
