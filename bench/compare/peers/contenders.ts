/**
 * The peers as contenders: a fresh database and server for each run, and counts of the stored
 * rows.
 */

import { join } from 'node:path';
import { stopCleanly } from '../../../src/crowd/checkout-server.ts';
import { readAcknowledged } from '../../load/acknowledged.ts';
import type { Check } from '../../load/check-file.ts';
import type { Contender, Reported } from '../../rounds/contender.ts';
import { type MeasuredServer, startServer } from '../../rounds/server.ts';
import { newItems } from './peer-database.ts';
import { startPostgres } from './postgres-server.ts';

interface Counts {
  orders: number;
  events: number;
  held: number;
}

/** Reads the counts before the stop, because only the peer can read its database. */
async function readCounts({ url }: MeasuredServer): Promise<Counts> {
  const response = await fetch(`${url}/counts`);
  return (await response.json()) as Counts;
}

function checkCounts({ orders, events, held }: Counts, acknowledgedFile: string, unknown: number): Check[] {
  const keys = new Set(readAcknowledged(acknowledgedFile).map(({ id }) => id));
  const detail = `${keys.size} acknowledged, ${orders} orders, ${events} events, ${held} units, ${unknown} in doubt`;
  const passed = orders === held && orders === events && orders >= keys.size && orders <= keys.size + unknown;
  return [{ name: 'what is stored is what was acknowledged', passed, detail }];
}

async function startPeer(kind: string, path: string, stopDatabase: () => Promise<unknown>) {
  const server = await startServer({ program: 'bench/compare/peers/peer-server.ts', args: [kind, path] });
  let counts: Counts = { orders: 0, events: 0, held: 0 };
  return {
    url: server.url,
    pid: server.pid,
    drops: [{ id: 'drop', skus: newItems.map(({ sku }) => sku) }],
    secretKey: '',
    stop: async () => {
      counts = await readCounts(server);
      await stopCleanly(server);
      await stopDatabase();
    },
    check: async (acknowledgedFile: string, { unknown }: Reported) =>
      checkCounts(counts, acknowledgedFile, unknown),
  };
}

const onFile = (kind: string, name: string): Contender => ({
  name,
  start: (folder) => startPeer(kind, join(folder, 'peer.db'), async () => undefined),
});

export const betterSqlite3Peer = onFile('better-sqlite3', 'better-sqlite3, one transaction per request');
export const libsqlPeer = onFile('libsql', 'libSQL client, one transaction per request');
export const postgresPeer: Contender = {
  name: 'PostgreSQL, node-postgres, 20 connections',
  async start(folder) {
    const database = await startPostgres(folder);
    return startPeer('postgres', database.socketFolder, () => database.stop());
  },
};
