/** How the load generator classifies the server's answers. */
import { describe, expect, test } from 'vitest';
import { judgePurchase, judgeRead, lockWords } from '../../../bench/load/outcomes.ts';
import type { HttpResponse } from '../../../src/crowd/http-response.ts';

const asked = { text: '', sku: 'M', quantity: 1 };
const answer = (status: number, body: unknown, header = ''): HttpResponse => ({
  status,
  head: `HTTP/1.1 ${status} X${header}`,
  body: JSON.stringify(body),
});
const problem = (status: number, code: string): HttpResponse => answer(status, { code });
const acknowledgement = { order: { id: 'ord_1', sku: 'M', quantity: 1 }, token: 't' };

describe('judgeRead', () => {
  test.each([
    ['read_ok', answer(200, { drops: [] })],
    ['read_ok', answer(200, { id: 'drp_1' })],
    ['shed', problem(503, 'overloaded')],
    ['error', answer(200, { hello: 'world' })],
    ['error', problem(500, 'internal')],
    ['error', new Error('ECONNRESET')],
  ])('%s', (outcome, given) => {
    expect(judgeRead(given).outcome).toBe(outcome);
  });
});

describe('judgePurchase', () => {
  test('counts an acknowledged order as held and keeps its id', () => {
    expect(judgePurchase(asked, answer(201, acknowledgement))).toEqual({
      outcome: 'held',
      order: { id: 'ord_1', sku: 'M', quantity: 1 },
    });
  });

  test('distinguishes a replayed order', () => {
    const replay = answer(201, acknowledgement, '\r\nidempotency-replayed: true');
    expect(judgePurchase(asked, replay)).toMatchObject({ outcome: 'replayed', order: { id: 'ord_1' } });
  });

  test.each([
    ['sold_out', false, problem(409, 'sold_out')],
    ['limited', false, problem(409, 'limit_reached')],
    ['error', false, problem(409, 'paused')],
    ['error', false, problem(429, 'rate_limited')],
    ['error', false, problem(422, 'invalid')],
    ['shed', false, problem(503, 'overloaded')],
    ['shed', true, problem(503, 'outcome_unknown')],
    ['error', true, problem(500, 'internal')],
    ['error', true, new Error('no answer within 30000 ms')],
    ['error', true, answer(201, { order: { ...acknowledgement.order, sku: 'L' } })],
    ['error', true, answer(201, { order: { ...acknowledgement.order, quantity: 2 } })],
    ['error', true, { status: 201, head: '', body: '{"order":' }],
  ])('%s, may be in the file: %s', (outcome, unknown, given) => {
    const verdict = judgePurchase(asked, given);
    expect([verdict.outcome, verdict.unknown === true, verdict.order]).toEqual([outcome, unknown, undefined]);
  });
});

describe('lockWords', () => {
  test('mark every answer that mentions a lock, except a success', () => {
    const locked = answer(503, { code: 'overloaded', detail: 'database is locked' });
    expect(judgeRead(locked).speaksOfLock).toBe(true);
    expect(judgePurchase(asked, locked).speaksOfLock).toBe(true);
    expect(judgePurchase(asked, { ...locked, status: 409 }).speaksOfLock).toBe(true);
    expect(judgePurchase(asked, problem(503, 'overloaded')).speaksOfLock).toBeUndefined();
  });

  test.each(['database is locked', 'SQLITE_BUSY: try again', 'SQLITE_BUSY_SNAPSHOT', 'the file is busy'])(
    'match %s',
    (text) => {
      expect(text).toMatch(lockWords);
    },
  );

  test.each(['{"busyTimeoutMs":5000}', 'BUSY_TIMEOUT_MS=5000', 'unlocked doors', 'blocked'])(
    'do not match %s',
    (text) => {
      expect(text).not.toMatch(lockWords);
    },
  );
});
