/**
 * The peers as contenders: a fresh database and server for each run, and counts of the stored
 * rows.
 */

import { join } from 'node:path';
import { stopCleanly } from '../../../src/crowd/checkout-server.ts';
import type { SpawnedServer } from '../../../src/crowd/server-process.ts';
import { readAcknowledged } from '../../load/acknowledged.ts';
import type { Check } from '../../load/check-file.ts';
import type { Contender, Reported, Running } from '../../rounds/contender.ts';
import { startServer } from '../../rounds/server.ts';
import { newItems } from './peer-database.ts';
import { startPocketBase } from './pocketbase-server.ts';
import { startPostgres } from './postgres-server.ts';

type PeerServer = Pick<SpawnedServer, 'pid' | 'stop' | 'output'> & { url: string };

interface Counts {
  orders: number;
  events: number;
  held: number;
  /** The writing connection's setting, where the peer cannot refuse to start without FULL (2). */
  synchronous?: number;
}

/** Reads the counts before the stop, because only the peer can read its database. */
async function readCounts({ url }: PeerServer): Promise<Counts> {
  const response = await fetch(`${url}/counts`);
  return (await response.json()) as Counts;
}

function checkCounts(counts: Counts, acknowledgedFile: string, unknown: number): Check[] {
  const { orders, events, held, synchronous = 2 } = counts;
  const keys = new Set(readAcknowledged(acknowledgedFile).map(({ id }) => id));
  const detail = `${keys.size} acknowledged, ${orders} orders, ${events} events, ${held} units, ${unknown} in doubt`;
  const passed = orders === held && orders === events && orders >= keys.size && orders <= keys.size + unknown;
  return [
    { name: 'what is stored is what was acknowledged', passed, detail },
    { name: 'it runs at FULL', passed: synchronous === 2, detail: `synchronous = ${synchronous}` },
  ];
}

const startServerOf = (kind: string, path: string): Promise<PeerServer> =>
  startServer({ program: 'bench/compare/peers/peer-server.ts', args: [kind, path] });

function running(server: PeerServer, stopDatabase = async (): Promise<unknown> => undefined): Running {
  let counts: Counts = { orders: 0, events: 0, held: 0 };
  return {
    url: server.url,
    pid: server.pid,
    drops: [{ id: 'drop', skus: newItems.map(({ sku }) => sku) }],
    secretKey: '',
    async stop() {
      try {
        counts = await readCounts(server);
      } finally {
        await stopCleanly(server);
        await stopDatabase();
      }
    },
    check: async (acknowledgedFile: string, { unknown }: Reported) =>
      checkCounts(counts, acknowledgedFile, unknown),
  };
}

const onFile = (kind: string, name: string): Contender => ({
  name,
  start: async (folder) => running(await startServerOf(kind, join(folder, 'peer.db'))),
});

export const betterSqlite3Peer = onFile('better-sqlite3', 'better-sqlite3, one transaction per request');
export const libsqlPeer = onFile('libsql', 'libSQL client, one transaction per request');
export const postgresPeer: Contender = {
  name: 'PostgreSQL, node-postgres, 20 connections',
  async start(folder) {
    const database = await startPostgres(folder);
    return running(await startServerOf('postgres', database.socketFolder), () => database.stop());
  },
};
export const pocketBasePeer: Contender = {
  name: 'PocketBase, one transaction per request in its hooks',
  start: async (folder) => running(await startPocketBase(folder)),
};
