/** Asks again after a crash: for what is unknown until it is definite, and for what is known to hear the same. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from '../../src/crowd/ledger.ts';
import { isDefinite } from '../../src/crowd/verdict.ts';
import type { ShopClient } from './shop-client.ts';

export interface Replays {
  /** Unknown calls that were made again. */
  replayed: number;
  /** How many of those turned out to have been done before. */
  replayedDone: number;
}

const triesMax = 50;
const retryMs = 50;

/** Makes unknown calls again. Payments are left: the sandbox would take each one as a new payment. */
export async function replayUnknown(client: ShopClient, calls: readonly Call[]): Promise<Replays> {
  const replays = { replayed: 0, replayedDone: 0 };
  for (const call of calls) {
    if (call.result?.kind !== 'unknown' || call.invoked.call === 'pay') continue;
    replays.replayed += 1;
    let verdict = await client.again(call);
    for (let tries = 1; tries < triesMax && !isDefinite(verdict); tries += 1) {
      await sleep(retryMs);
      verdict = await client.again(call);
    }
    if (verdict.kind === 'ok' && verdict.isReplay) replays.replayedDone += 1;
  }
  return replays;
}

/** Where acknowledged purchases are answered otherwise when they are asked for again. */
export async function replayKnown(client: ShopClient, calls: readonly Call[]): Promise<string[]> {
  const findings: string[] = [];
  for (const call of calls) {
    if (call.result?.kind !== 'ok') continue;
    const verdict = await client.repeat(call);
    if (verdict.kind === 'ok' && verdict.isReplay && verdict.body === call.result.body) continue;
    findings.push(
      `purchase ${call.invoked.key} is answered otherwise when asked again: ${JSON.stringify(verdict)}`,
    );
  }
  return findings;
}
