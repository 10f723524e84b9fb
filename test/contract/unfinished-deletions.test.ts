/** A deletion that a full disk interrupts at the start: the server logs it, sells, and retries. */
import { describe, expect, test } from 'vitest';
import { stopCleanly } from '../../src/crowd/checkout-server.ts';
import { FailingDisk, mustSkipDisk } from '../reliability/disk/failing-disk.ts';
import { machines, useServer } from '../support/contract-server.ts';
import { startServer } from '../support/server-process.ts';
import { customer, type Shop } from '../support/shop.ts';

/** Less than an empty database: SQLite rewrites the file through its log. */
const ROOM_BYTES = 150_000;
const inLog = 'deleted personal data may still be in the database file';
const waitingSeconds = async (shop: Shop): Promise<number> => {
  const { text } = await shop.send({ path: '/metrics' });
  return Number(/^stampede_deletion_unfinished_seconds (\S+)$/m.exec(text)?.[1]);
};

describe.skipIf(mustSkipDisk()).each(machines)('a deletion on a full disk on %s', (runtime) => {
  const disk = new FailingDisk();
  const shop = useServer(runtime, disk.environment());

  test('shows in log and metrics, and is finished by the next start with disk space', async () => {
    const { databaseFile } = disk;
    const env = disk.environment();
    await stopCleanly(shop.server);
    const restart = async (): Promise<void> => shop.open(await startServer({ runtime, databaseFile, env }));
    await restart();
    expect(await waitingSeconds(shop)).toBe(0);
    const person = customer();
    await shop.buy((await shop.createDrop()).id, { customer: person });
    const json = { email: person.email };
    const deleted = await shop.admin({ method: 'POST', path: '/admin/customers/erase', json });
    expect(deleted.status).toBe(200);
    expect(shop.server.output()).not.toContain(inLog);
    await stopCleanly(shop.server);

    disk.control.limitRoom(ROOM_BYTES);
    await restart();
    expect(shop.server.output()).toContain(inLog);
    expect(await waitingSeconds(shop)).toBeGreaterThan(0);
    await stopCleanly(shop.server);

    disk.control.limitRoom(null);
    await restart();
    expect(shop.server.output()).not.toContain(inLog);
    expect(await waitingSeconds(shop)).toBe(0);
  });
});
