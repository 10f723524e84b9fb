/** Requests for lost links: not logged, alike for every address, resent after a restart. */
import { expect, test } from 'vitest';
import { mailRequestedLinks } from '../../../src/background/link-mails.ts';
import type { Delivery } from '../../../src/background/subscriber.ts';
import { logReads } from '../../../src/database/log-reads.ts';
import type { ShopDatabase } from '../../../src/database/shop-database.ts';
import type { Command } from '../../../src/domain/command.ts';
import {
  DELIVERY_BACKOFF_MAX_MS,
  DELIVERY_INTERVAL_MS,
  LINK_REQUEST_AGE_MAX_MS,
  LINK_REQUEST_KEPT_MS,
  LINK_REQUESTS_MAX,
} from '../../../src/domain/delivery-limits.ts';
import { useSubscribedLog } from '../../support/subscribed-log.ts';

const log = useSubscribedLog();

const request = (recipient: string) => log.store.submit({ kind: 'requestLinks', recipient });
const requests = () =>
  logReads(log.store)
    .linkRequests()
    .map(({ recipient }) => recipient);

/** Mails with `answer`, and records each attempt, and each command with its time. */
function begin(answer: (customer: string) => Promise<Delivery>) {
  const mails: string[] = [];
  const commands: string[] = [];
  const counted = log.counted();
  const store: ShopDatabase = {
    ...counted,
    submit: <C extends Command>(command: C) => {
      commands.push(`${command.kind} at ${log.clock.monotonicMs()}`);
      return counted.submit(command);
    },
  };
  const sendLinks = (customer: string, mail: string) => {
    mails.push(`${customer} ${mail}`);
    return answer(customer);
  };
  const silent = () => undefined;
  const deps = {
    db: store,
    clock: log.clock,
    random: () => 0.5,
    log: { debug: silent, info: silent, warn: silent, error: silent },
  };
  return { mails, commands, running: mailRequestedLinks({ sendLinks }, deps) };
}

test('a request is not logged, and ends with the same command at the same time, however long its e-mail took', async () => {
  const lastSeq = log.lastSeq();
  const endings: string[][] = [];
  for (const customer of ['known', 'unknown']) {
    await request(customer);
    expect(requests()).toEqual([customer]);
    log.clock.set(logReads(log.store).linkRequests()[0]?.at ?? 0);
    const startedMs = log.clock.monotonicMs();
    let send: (answer: Delivery) => void = () => undefined;
    const { commands, running } = begin(() => new Promise((resolve) => (send = resolve)));
    await log.step();
    // An e-mail takes seconds; the absence of one is known at once.
    if (customer === 'known') await log.step(LINK_REQUEST_KEPT_MS / 2);
    send('done');
    await log.stepUntil(() => requests().length === 0);
    endings.push(
      commands.map((command) =>
        command.replace(/\d+$/, (at) => String(Number(at) - startedMs - DELIVERY_INTERVAL_MS)),
      ),
    );
    await running.stop();
  }
  expect(endings[0]).toEqual(endings[1]);
  expect(endings[0]).toHaveLength(1);
  expect(log.lastSeq()).toBe(lastSeq);
});

test('an e-mail that its recipient refuses for now is sent later, under the same name', async () => {
  await request('ann');
  let answer: Delivery = 'deferred';
  const { mails } = begin(async () => answer);
  await log.step();
  await log.step();
  expect(mails).toHaveLength(1);
  await log.step(DELIVERY_BACKOFF_MAX_MS);
  answer = 'done';
  await log.step(DELIVERY_BACKOFF_MAX_MS);
  await log.stepUntil(() => requests().length === 0);
  expect(mails).toHaveLength(3);
  expect(new Set(mails).size).toBe(1);
});

test('an e-mail that cannot be sent for an hour is dropped', async () => {
  await request('ann');
  const { mails } = begin(async () => 'unavailable');
  await log.step();
  expect(mails).toHaveLength(1);
  // The request has the writer's time, which is ahead of this clock by the age of the test.
  await log.step(2 * LINK_REQUEST_AGE_MAX_MS);
  await log.stepUntil(() => requests().length === 0);
  expect(mails).toHaveLength(1);
});

test('a request outlives a process that ends before its e-mail', async () => {
  await request('ann');
  const before = begin(async () => 'unavailable');
  await log.step();
  await before.running.stop();
  const after = begin(async () => 'done');
  await log.step();
  expect(after.mails).toEqual(before.mails);
  await log.stepUntil(() => requests().length === 0);
});

test('a stop ends the requests whose e-mails were sent', async () => {
  await request('ann');
  const { mails, running } = begin(async () => 'done');
  await log.step();
  expect([mails.length, requests()]).toEqual([1, ['ann']]);
  await running.stop();
  expect(requests()).toEqual([]);
});

test('the requests that wait are bounded', async () => {
  await Promise.all(Array.from({ length: LINK_REQUESTS_MAX + 10 }, (_, one) => request(`stranger ${one}`)));
  expect(requests()).toHaveLength(LINK_REQUESTS_MAX);
});
