/**
 * `npm run bench:overload`: five times the capacity for a minute: goodput, payments and recovery.
 */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Percentiles } from '../../src/crowd/percentiles.ts';
import { readAcknowledged } from '../load/acknowledged.ts';
import { runClosedLoop } from '../rounds/closed-loop.ts';
import { runPlan } from '../rounds/plan-process.ts';
import { type RuntimeName, scratchFolder } from '../rounds/server.ts';
import { stampede } from '../rounds/stampede.ts';
import { comeMeanwhile, payMeanwhile, timeToNormal } from './meanwhile.ts';
import type { OverloadPlan, OverloadResult, OverloadVerdict } from './overload-protocol.ts';

const CAPACITY = { connections: 64, warmUpMs: 2_000, measuredMs: 5_000 };
/** Promises for an overload: if one fails, the exit code is 1. */
const PROMISED = { goodputShare: 0.8, normalAfterMs: 5_000 };

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
    json: { type: 'string' },
  },
});
const write = (line: string): void => void process.stdout.write(`${line}\n`);
const ms = (value: number): string => `${value < 10 ? value.toFixed(2) : Math.round(value)} ms`;
const spread = ({ count, p50, p99, max }: Percentiles): string =>
  `p50 ${ms(p50)}, p99 ${ms(p99)}, max ${ms(max)} of ${count}`;

const runtime = values.runtime as RuntimeName;
const seconds = Number(values.seconds);
const env = Object.fromEntries(
  values.env.map((setting) => [setting.split('=', 1)[0], setting.slice(setting.indexOf('=') + 1)]),
);
const folder = scratchFolder();
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
  const plan: OverloadPlan = {
    arrivals: { ratePerSecond, seconds, readShare: 0, randomSeed: 1 },
    target,
    connections: Number(values.connections),
    connectionsMax: Number(values['connections-max']),
    acknowledgedFile: overloadFile,
  };
  const result: OverloadResult = await runPlan(new URL('./overload.ts', import.meta.url), plan, () => {
    normal = timeToNormal(target, capacity.p50Ms);
  });
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
    `newcomers       ${spread(come.latencyMs)}; ${come.waiting} still waited, ${come.unanswered} had no answer`,
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
  for (const line of broken) write(`BROKEN          ${line}`);
  const figures = [
    `goodput ${Math.round(goodputShare * 100)} %`,
    `payments p99 ${ms(paid.latencyMs.p99)} (idle ${ms(paidBefore.latencyMs.p99)})`,
    `refused p50 ${ms(result.shedMs.p50)}`,
    `normal after ${ms(backMs)}`,
  ].join(', ');
  const verdict: OverloadVerdict = {
    violations: broken.length,
    seconds: Math.round(performance.now() / 1000),
    figures,
  };
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(verdict)}\n`);
  if (broken.length > 0) process.exitCode = 1;
} finally {
  await server.stop();
}
