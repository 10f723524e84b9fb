/** The deployed configuration: what an environment must repeat, no personal data in logs. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { unstable_readConfig } from 'wrangler';
import { queueBinding } from '../../../src/config/mail.ts';
import { backoffMs } from '../../../src/domain/backoff.ts';
import {
  QUEUE_RETRIES_MAX,
  QUEUE_RETRY_FIRST_MS,
  QUEUE_RETRY_MAX_MS,
} from '../../../src/domain/delivery-limits.ts';
import { root } from '../../support/server-process.ts';

const config = join(root, 'wrangler.toml');
const production = unstable_readConfig({ config });
const staging = unstable_readConfig({ config, env: 'staging' });

/** The names of all bindings, each by the field that names its kind. */
function bindingsOf(read: typeof production): string[] {
  const names: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { binding, name, class_name, namespace_id } = value as Record<string, unknown>;
    if (typeof binding === 'string') names.push(binding);
    if (typeof name === 'string' && (class_name ?? namespace_id)) names.push(name);
    for (const inner of Object.values(value)) visit(inner);
  };
  visit(read);
  return [...names, ...read.send_email.map(({ name }: { name: string }) => name)].sort();
}

describe('the staging environment', () => {
  test('has every binding of production', () => {
    expect(bindingsOf(production)).toContain('DROPS');
    expect(bindingsOf(staging)).toEqual(bindingsOf(production));
  });

  test('shares no database with production, and accepts no payments', () => {
    const idsOf = (read: typeof production) =>
      read.d1_databases.map((database: { database_id?: string }) => database.database_id);
    expect(idsOf(staging).filter((id: string | undefined) => idsOf(production).includes(id))).toEqual([]);
    expect(staging.name).toBe('stampede-staging');
    expect(staging.vars).toMatchObject({ ...production.vars, PAYMENT_PROVIDERS: 'sandbox' });
  });
});

describe('the mail queue', () => {
  test.each([
    ['production', production],
    ['staging', staging],
  ])('of %s is consumed by the Worker that fills it, with the expected number of retries', (_, read) => {
    const [producer] = read.queues.producers ?? [];
    const [consumer] = read.queues.consumers ?? [];
    expect(producer?.binding).toBe(queueBinding);
    expect(consumer).toMatchObject({
      queue: producer?.queue,
      max_retries: QUEUE_RETRIES_MAX,
      dead_letter_queue: expect.stringContaining('dead'),
    });
  });

  test('is not shared with staging', () => {
    const queuesOf = ({ queues }: typeof production): unknown[] =>
      (queues.consumers ?? []).flatMap(
        ({ queue, dead_letter_queue }: { queue: string; dead_letter_queue?: string }) => [
          queue,
          dead_letter_queue,
        ],
      );
    expect(new Set([...queuesOf(production), ...queuesOf(staging)]).size).toBe(4);
  });

  test('drops an e-mail within the four days for which it keeps a message', () => {
    const waits = Array.from({ length: QUEUE_RETRIES_MAX }, (_, nth) =>
      backoffMs(nth, () => 0, QUEUE_RETRY_FIRST_MS, QUEUE_RETRY_MAX_MS),
    );
    const hours = waits.reduce((sum, wait) => sum + wait, 0) / 3_600_000;
    expect(hours).toBeGreaterThan(40);
    expect(hours).toBeLessThan(72);
  });
});

test.each([
  ['production', production],
  ['staging', staging],
])('%s logs no address of a request, which may name a customer, and bounds the CPU time', (_, read) => {
  expect(read.observability).toMatchObject({
    enabled: true,
    logs: { enabled: true, invocation_logs: false },
  });
  expect(read.limits?.cpu_ms).toBe(30_000);
});
