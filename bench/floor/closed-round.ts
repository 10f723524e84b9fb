/** One round of the floor bench on one runtime: the floor and our servers, row by row. */
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { residentMib } from '../export/download.ts';
import type { Contender, Running } from '../rounds/contender.ts';
import { type ThreadTimes, threadTimesMs } from '../rounds/processor-time.ts';
import { runClient } from '../rounds/round.ts';
import type { RuntimeName } from '../rounds/server.ts';
import { type Answers, answersOf } from './answers.ts';
import { floor } from './floor-contender.ts';
import { type RowName, rows } from './rows.ts';

export interface RoundSettings {
  connections: number;
  warmUpMs: number;
  measuredMs: number;
}

/** The cost of one server. */
export interface Costs {
  /** Microseconds of processor time per request. */
  perRequest: Partial<Record<RowName, ThreadTimes>>;
  /** From the start of the process to its first answer, in milliseconds. */
  firstAnswerMs: number;
  idleMib: number;
}

/** Costs by the contender's name; the floor's name is `floor`. */
export type Round = Map<string, Costs>;

/** The answers that the floor needs in order to replace our server. */
export interface Floor {
  answers: Answers;
  drops: Running['drops'];
}

const idleAfterMs = 1_000;
export const floorName = 'floor';

interface Started {
  name: string;
  running: Running;
  /** All orders that the server acknowledged. */
  acknowledgedFile: string;
  idleMib: number;
}

/** Throws if an answer was unexpected, or the system reports no processor times. */
async function measure(
  { name, running, acknowledgedFile }: Started,
  row: RowName,
  settings: RoundSettings,
): Promise<ThreadTimes> {
  const { hostname, port } = new URL(running.url);
  const { drops, secretKey } = running;
  const target = { host: hostname, port: Number(port), drops, secretKey };
  const ofRow = `${acknowledgedFile}.${row}`;
  const times: (ThreadTimes | null)[] = [];
  const plan = { ...settings, target, ask: rows[row].ask, acknowledgedFile: ofRow };
  const result = await runClient(plan, () => times.push(threadTimesMs(running.pid)));
  appendFileSync(acknowledgedFile, readFileSync(ofRow));
  const [before, after] = times;
  if (result.errorSamples.length > 0) throw new Error(`${name}: ${result.errorSamples.join('; ')}`);
  if (!before || !after) throw new Error('The processor times of threads need /proc.');
  const us = (duty: keyof ThreadTimes) => ((after[duty] - before[duty]) * 1000) / result.requests;
  return { http: us('http'), writer: us('writer'), others: us('others') };
}

/** Throws if a server's file differs from what it acknowledged. */
async function stopAndCheck(servers: readonly Started[]): Promise<void> {
  await Promise.all(servers.map(({ running }) => running.stop()));
  for (const { name, running, acknowledgedFile } of servers) {
    // The purchase from which the floor's answers were taken is not in the list.
    const checks = await running.check(acknowledgedFile, { unknown: 1, paid: 0 });
    const failed = checks.filter(({ passed }) => !passed).map((check) => `${check.name} (${check.detail})`);
    if (failed.length > 0) throw new Error(`${name}: ${failed.join('; ')}`);
  }
}

async function start(contender: Contender, name: string, folder: string): Promise<Started> {
  const files = join(folder, name);
  mkdirSync(files);
  const running = await contender.start(files);
  const acknowledgedFile = join(folder, `${name}.txt`);
  appendFileSync(acknowledgedFile, '');
  await sleep(idleAfterMs);
  return { name, running, acknowledgedFile, idleMib: residentMib(running.pid) };
}

/** Takes the floor's answers from our server, whose first item sells out if `isSoldOut`. */
export async function floorOf(running: Running, isSoldOut: boolean): Promise<Floor> {
  const answers = await answersOf(running, 201);
  return { answers: isSoldOut ? await answersOf(running, 409) : answers, drops: running.drops };
}

/**
 * Starts servers with the same stock together, and measures each row on one after the other.
 * `isReversed` reverses their order.
 */
export async function runClosedRound(
  runtime: RuntimeName,
  contenders: readonly Contender[],
  wanted: readonly RowName[],
  settings: RoundSettings,
  isReversed: boolean,
): Promise<Round> {
  const folder = mkdtempSync(join(tmpdir(), 'stampede-floor-'));
  const servers: Started[] = [];
  const round: Round = new Map();
  try {
    for (const contender of contenders) servers.push(await start(contender, contender.name, folder));
    const [first] = servers;
    if (!first) throw new Error('There is nothing to measure.');
    const isSoldOut = wanted.some((row) => rows[row].isSoldOut);
    const { answers, drops } = await floorOf(first.running, isSoldOut);
    servers.push(await start(floor(runtime, answers, drops), floorName, folder));
    for (const { name, running, idleMib } of servers) {
      round.set(name, { perRequest: {}, firstAnswerMs: running.firstAnswerMs ?? Number.NaN, idleMib });
    }
    const inTurn = isReversed ? servers.toReversed() : servers;
    for (const row of wanted) {
      for (const server of inTurn) {
        const costs = round.get(server.name);
        if (costs) costs.perRequest[row] = await measure(server, row, settings);
      }
    }
  } finally {
    await stopAndCheck(servers);
  }
  rmSync(folder, { recursive: true });
  return round;
}
