/** The limits of lost links: by address, with a refusal, and by customer and address, silently. */
import type { Context } from 'hono';
import { expect, test } from 'vitest';
import {
  ADDRESS_FINDS_MAX,
  ADDRESS_LINK_MAILS_MAX,
  FIND_WINDOW_MS,
} from '../../../src/domain/client-limits.ts';
import { createRateLimits } from '../../../src/http/rate-limits.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const request = {} as Context;

test('an address has an hourly quota of requests, and receives the time until the next one', () => {
  const clock = new FakeClock();
  const limits = createRateLimits(() => '192.0.2.1', clock);
  for (let count = 0; count < ADDRESS_FINDS_MAX; count += 1) expect(limits.limitFinds(request)).toBeNull();
  const refused = limits.limitFinds(request);
  const waitMs = FIND_WINDOW_MS / ADDRESS_FINDS_MAX;
  expect([refused?.status, refused?.headers.get('retry-after')]).toEqual([429, String(waitMs / 1_000)]);
  clock.advance(waitMs);
  expect(limits.limitFinds(request)).toBeNull();
});

test('an address causes a few e-mails an hour to one customer, independent of other addresses', () => {
  const clock = new FakeClock();
  let address = '192.0.2.1';
  const limits = createRateLimits(() => address, clock);
  const mails = (customer: string) => limits.mayMailLinks(request, customer);
  for (let count = 0; count < ADDRESS_LINK_MAILS_MAX; count += 1) expect(mails('ann')).toBe(true);
  expect([mails('ann'), mails('bob')]).toEqual([false, true]);
  address = '192.0.2.2';
  expect(mails('ann')).toBe(true);
  address = '192.0.2.1';
  clock.advance(FIND_WINDOW_MS / ADDRESS_LINK_MAILS_MAX);
  expect([mails('ann'), mails('ann')]).toEqual([true, false]);
});
