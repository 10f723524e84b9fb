/** Downloads an export repeatedly during a load, and measures the server's memory. */
import { readFileSync } from 'node:fs';
import type { MeasuredServer } from '../rounds/server.ts';

export interface Download {
  seconds: number;
  bytes: number;
  lines: number;
}

/** Returns the resident memory of a process, in MiB. */
export function residentMib(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib ?? 0) / 1024;
}

const lineFeed = 10;

/** Downloads one whole export at full speed and discards it. Throws if it breaks off. */
async function downloadOnce(server: MeasuredServer, dropId: string): Promise<Download> {
  const begunMs = performance.now();
  const response = await fetch(`${server.url}/admin/drops/${dropId}/orders.csv`, {
    headers: { authorization: `Bearer ${server.adminToken}` },
  });
  if (!response.ok || !response.body) throw new Error(`The export was refused: ${response.status}.`);
  let bytes = 0;
  let lines = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    for (let at = chunk.indexOf(lineFeed); at !== -1; at = chunk.indexOf(lineFeed, at + 1)) lines += 1;
  }
  return { seconds: (performance.now() - begunMs) / 1000, bytes, lines };
}

/**
 * Downloads one export after another until the returned function is called, which resolves with all
 * of them.
 */
export function keepDownloading(server: MeasuredServer, dropId: string): () => Promise<Download[]> {
  let isOver = false;
  const downloads: Download[] = [];
  const work = (async () => {
    while (!isOver) downloads.push(await downloadOnce(server, dropId));
  })();
  return async () => {
    isOver = true;
    await work;
    return downloads;
  };
}
