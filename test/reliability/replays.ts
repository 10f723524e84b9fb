/** Retries after a crash: unknown calls until they are definite, known ones for the same answer. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from '../../src/crowd/ledger.ts';
import { isDefinite } from '../../src/crowd/verdict.ts';
import type { ShopClient } from './shop-client.ts';

export interface Replays {
  /** Unknown calls that were retried. */
  replayed: number;
  /** Retried calls that turned out to have been executed before. */
  replayedDone: number;
}

const triesMax = 50;
const retryMs = 50;

/** Retries unknown calls, except payments: the sandbox would treat each as a new one. */
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

/** Replayed purchases whose answer differs from the acknowledged one. */
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
