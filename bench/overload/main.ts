/**
 * `npm run bench:overload`: five times the capacity for a minute: goodput, payments and recovery.
 */
import { fork } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { HttpConnection } from '../../src/crowd/http-connection.ts';
import type { HttpResponse } from '../../src/crowd/http-response.ts';
import { histogram, type Percentiles, percentilesOf, record } from '../../src/crowd/percentiles.ts';
import { tellCount } from '../../test/reliability/tell-count.ts';
import { type RuntimeName, scratchDatabase } from '../../test/support/server-process.ts';
import { readAcknowledged } from '../load/acknowledged.ts';
import { plainMix, Requests, type Target } from '../load/requests.ts';
import { runClosedLoop } from '../rounds/closed-loop.ts';
import { stampede } from '../rounds/stampede.ts';
import type { OverloadPlan, OverloadResult } from './overload-protocol.ts';

const CAPACITY = { connections: 64, warmUpMs: 2_000, measuredMs: 5_000 };
const PAYMENT_EVERY_MS = 20;
/** Buyers who arrive during the overload. */
const NEWCOMERS = { atOnce: 200, everyMs: 1_000, openMax: 2_000 };
/** Promises for an overload: if one fails, the exit code is 1. */
const PROMISED = { goodputShare: 0.8, normalAfterMs: 5_000 };
/** A purchase is fast below this multiple of the closed loop's median, or below this many ms. */
const NORMAL = { factor: 3, ms: 20, inARow: 5 };

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    times: { type: 'string', default: '5' },
    runtime: { type: 'string', default: 'node' },
    connections: { type: 'string', default: '2000' },
    'connections-max': { type: 'string', default: '10000' },
    // With less stock than demand, this measures the effect of a sold-out drop on payments.
    stock: { type: 'string', default: '50000000' },
    env: { type: 'string', multiple: true, default: [] },
  },
});
const write = (line: string): void => void process.stdout.write(`${line}\n`);
const ms = (value: number): string => `${value < 10 ? value.toFixed(2) : Math.round(value)} ms`;
const spread = ({ count, p50, p99, max }: Percentiles): string =>
  `p50 ${ms(p50)}, p99 ${ms(p99)}, max ${ms(max)} of ${count}`;

const send = (connection: HttpConnection, text: string): Promise<HttpResponse | Error> =>
  new Promise((resolve) => connection.send(text, resolve));

/** Runs the overload in a separate process; calls `onOffered` at its last arrival. */
function overload(plan: OverloadPlan, onOffered: () => void): Promise<OverloadResult> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('./overload.ts', import.meta.url)));
    child.on('message', (message: { kind: 'offered' } | { kind: 'result'; result: OverloadResult }) => {
      if (message.kind === 'offered') onOffered();
      else resolve(message.result);
    });
    child.on('exit', () => reject(new Error('The overload ended without a result.')));
    child.send(plan);
  });
}

/** Lets new buyers arrive meanwhile, each with a new connection, to read the list. */
function comeMeanwhile({ host, port }: Target) {
  const latencies = histogram();
  const open = new Set<HttpConnection>();
  const counts = { turnedAway: 0 };
  const come = (): void => {
    const begunMs = performance.now();
    const connection = new HttpConnection(host, port);
    open.add(connection);
    connection
      .open()
      .then(() => send(connection, `GET /drops HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`))
      .then((answer) => {
        if (answer instanceof Error) counts.turnedAway += 1;
        else record(latencies, performance.now() - begunMs);
      })
      .catch(() => {
        counts.turnedAway += 1;
      })
      .finally(() => {
        connection.close();
        open.delete(connection);
      });
  };
  const timer = setInterval(() => {
    for (let index = 0; index < NEWCOMERS.atOnce && open.size < NEWCOMERS.openMax; index += 1) come();
  }, NEWCOMERS.everyMs);
  return {
    async end() {
      clearInterval(timer);
      const { turnedAway } = counts;
      const waiting = open.size;
      for (const connection of open) connection.close();
      await sleep(100);
      return { turnedAway, waiting, latencyMs: percentilesOf(latencies) };
    },
  };
}

/** Pays for held orders, one at a time, until `end` is called. */
function payMeanwhile(target: Target, orderIds: readonly string[]) {
  const requests = new Requests(target, plainMix);
  const latencies = histogram();
  const counts = { paid: 0, refused: 0 };
  let isOver = false;
  const done = (async () => {
    const connection = new HttpConnection(target.host, target.port);
    await connection.open();
    for (const orderId of orderIds) {
      if (isOver) break;
      const begunMs = performance.now();
      const answer = await send(connection, requests.payment(orderId));
      record(latencies, performance.now() - begunMs);
      counts[!(answer instanceof Error) && answer.status === 200 ? 'paid' : 'refused'] += 1;
      await sleep(PAYMENT_EVERY_MS);
    }
    connection.close();
  })();
  return {
    async end() {
      isOver = true;
      await done;
      return { ...counts, latencyMs: percentilesOf(latencies) };
    },
  };
}

/** Measures the milliseconds until several purchases in a row are fast again. */
async function timeToNormal(target: Target, usualMs: number): Promise<{ ms: number; bought: number }> {
  const requests = new Requests(target, plainMix);
  const connection = new HttpConnection(target.host, target.port);
  await connection.open();
  const begunMs = performance.now();
  let inARow = 0;
  let bought = 0;
  let firstOfRowMs = begunMs;
  while (inARow < NORMAL.inARow && performance.now() - begunMs < 60_000) {
    const sentMs = performance.now();
    const answer = await send(connection, requests.purchase().text);
    const status = answer instanceof Error ? 0 : answer.status;
    bought += Number(status === 201);
    // 409: sold out.
    const isNormal =
      (status === 201 || status === 409) &&
      performance.now() - sentMs <= Math.max(NORMAL.ms, usualMs * NORMAL.factor);
    if (inARow === 0) firstOfRowMs = performance.now();
    inARow = isNormal ? inARow + 1 : 0;
  }
  connection.close();
  return { ms: firstOfRowMs - begunMs, bought };
}

const runtime = values.runtime as RuntimeName;
const seconds = Number(values.seconds);
const env = Object.fromEntries(
  values.env.map((setting) => [setting.split('=', 1)[0], setting.slice(setting.indexOf('=') + 1)]),
);
const folder = dirname(scratchDatabase());
const server = await stampede({ name: 'overload', runtime, stock: Number(values.stock), env }).start(folder);
try {
  const { hostname, port } = new URL(server.url);
  const target = { host: hostname, port: Number(port), drops: server.drops, secretKey: server.secretKey };
  const capacityFile = join(folder, 'capacity.txt');
  const overloadFile = join(folder, 'overload.txt');
  const ask = { readShare: 0 } as const;
  const capacity = await runClosedLoop(
    { target, ask, ...CAPACITY, acknowledgedFile: capacityFile },
    () => undefined,
  );
  const perSecond = (capacity.requests / capacity.measuredMs) * 1000;
  write(
    `capacity        ${Math.round(perSecond)} purchases a second, p50 ${ms(capacity.p50Ms)}, p99 ${ms(capacity.p99Ms)}`,
  );

  const orderIds = [...readAcknowledged(capacityFile)].map(({ id }) => id);
  const ratePerSecond = Math.round(perSecond * Number(values.times));
  const before = payMeanwhile(target, orderIds.splice(0, 200));
  await sleep(CAPACITY.measuredMs / 2);
  const paidBefore = await before.end();
  const payments = payMeanwhile(target, orderIds);
  const newcomers = comeMeanwhile(target);
  let normal: Promise<{ ms: number; bought: number }> | undefined;
  const result = await overload(
    {
      arrivals: { ratePerSecond, seconds, readShare: 0, randomSeed: 1 },
      target,
      connections: Number(values.connections),
      connectionsMax: Number(values['connections-max']),
      acknowledgedFile: overloadFile,
    },
    () => {
      normal = timeToNormal(target, capacity.p50Ms);
    },
  );
  const paid = await payments.end();
  const come = await newcomers.end();
  const tookSeconds = result.offeredMs / 1000;
  const goodput = result.held / tookSeconds;
  const offered = Math.round(result.offered / tookSeconds);
  write(
    `offered         ${offered} a second for ${Math.round(tookSeconds)} s; planned were ${ratePerSecond}`,
  );
  write(
    `goodput         ${Math.round(goodput)} a second, ${Math.round((goodput / perSecond) * 100)} % of capacity`,
  );
  write(`held            ${spread(result.heldMs)}`);
  write(`refused         ${spread(result.shedMs)}`);
  if (result.soldOut > 0) write(`sold out        ${spread(result.soldOutMs)}`);
  write(`not sent        ${result.dropped}: every connection waited for an answer`);
  write(`errors          ${result.errors}, ${result.unknown} outcomes unknown`);
  for (const sample of result.errorSamples) write(`                ${sample}`);
  write(`payments        ${spread(paid.latencyMs)}, ${paid.refused} refused`);
  write(`  when idle     ${spread(paidBefore.latencyMs)}`);
  write(
    `newcomers       ${spread(come.latencyMs)}; ${come.waiting} still waited, ${come.turnedAway} had no answer`,
  );
  write(`lateness        ${spread(result.latenessMs)} (of the generator)`);
  const back = await normal;
  write(`back to normal  ${ms(back?.ms ?? Number.NaN)} after the last arrival`);

  await server.stop();
  appendFileSync(capacityFile, readFileSync(overloadFile));
  // The purchases of `timeToNormal` are in no list of acknowledged orders.
  const unlisted = capacity.unknown + result.unknown + (back?.bought ?? 0);
  const checks = await server.check(capacityFile, { unknown: unlisted, paid: paidBefore.paid + paid.paid });
  const broken = checks.filter(({ passed }) => !passed).map(({ name, detail }) => `${name}: ${detail}`);
  if (broken.length === 0) write('checked         every acknowledged order is in the file once');
  const goodputShare = goodput / perSecond;
  const backMs = back?.ms ?? Number.NaN;
  // With less stock than demand, most answers are sold-out refusals.
  if (!(goodputShare >= PROMISED.goodputShare) && result.soldOut === 0)
    broken.push(`goodput stays above ${PROMISED.goodputShare * 100} % of capacity`);
  if (!(backMs < PROMISED.normalAfterMs)) broken.push(`back to normal within ${PROMISED.normalAfterMs} ms`);
  if (paid.refused > 0) broken.push('every payment is accepted');
  if (result.errors > 0) broken.push(`no errors: there were ${result.errors}`);
  if (result.unknown > 0) broken.push(`every outcome is known: ${result.unknown} were not`);
  if (result.shedMs.count === 0 && result.dropped === 0)
    broken.push('it was an overload: no purchase was refused');
  for (const line of broken) write(`NOT SO          ${line}`);
  const figures = [
    `goodput ${Math.round(goodputShare * 100)} %`,
    `payments p99 ${ms(paid.latencyMs.p99)} (idle ${ms(paidBefore.latencyMs.p99)})`,
    `refused p50 ${ms(result.shedMs.p50)}`,
    `normal after ${ms(backMs)}`,
  ].join(', ');
  tellCount({
    class: 'overload',
    cases: 1,
    seeds: [],
    violations: broken.length,
    seconds: Math.round(performance.now() / 1000),
    [runtime]: figures,
  });
  if (broken.length > 0) process.exitCode = 1;
} finally {
  await server.stop();
}
