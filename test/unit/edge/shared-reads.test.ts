/** Reads shared by a Worker's requests: one at a time, stale answers meanwhile, and absence. */
import { describe, expect, test } from 'vitest';
import { SharedReads } from '../../../src/edge/shared-reads.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const freshMs = 1_000;
const staleMs = 5_000;

/** A source whose reads end on the test's command. */
function sourceOf(rules: Partial<ConstructorParameters<typeof SharedReads>[0]> = {}) {
  const clock = new FakeClock();
  const reads = new SharedReads<string, string>(
    { freshMs, staleMs, absentMs: freshMs, keysMax: 3, ...rules },
    clock,
  );
  const begun: { key: string; end: (value: string | null) => void; fail: (error: Error) => void }[] = [];
  const later: Promise<unknown>[] = [];
  const get = (key = 'one', acceptsKeptAbsence = false): Promise<string | null> =>
    reads.get(
      key,
      () => new Promise((end, fail) => void begun.push({ key, end, fail })),
      (work) => void later.push(work),
      acceptsKeptAbsence,
    );
  /** Advances the clock in steps, so that waiting requests check again. */
  const pass = async (durationMs: number): Promise<void> => {
    for (let passed = 0; passed < durationMs; passed += 10) {
      clock.advance(10);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const readAs = async (value: string | null, key = 'one'): Promise<void> => {
    const answer = get(key);
    begun.at(-1)?.end(value);
    await answer;
  };
  return { clock, reads, begun, later, get, pass, readAs };
}

describe('shared reads', () => {
  test('let many requests share one read', async () => {
    const { begun, get, pass } = sourceOf();
    const crowd = Array.from({ length: 200 }, () => get());
    for (const { end } of begun) end('first');
    await pass(20);
    expect(new Set(await Promise.all(crowd))).toEqual(new Set(['first']));
    expect(begun).toHaveLength(1);
  });

  test('renew a value after one request’s answer, and serve the old one meanwhile', async () => {
    const { begun, later, get, pass, readAs } = sourceOf();
    await readAs('old');
    await pass(freshMs / 2);
    expect(await Promise.all([get(), get(), get()])).toEqual(['old', 'old', 'old']);
    expect(begun).toHaveLength(2);
    begun[1]?.end('new');
    await Promise.all(later);
    expect(await get()).toBe('new');
    expect(begun).toHaveLength(2);
  });

  test('serve a stale value while one request reads or fails, but not forever', async () => {
    const { begun, get, pass, readAs } = sourceOf();
    await readAs('old');
    await pass(freshMs);
    const reader = get();
    expect(await get()).toBe('old');
    begun[1]?.fail(new Error('away'));
    expect(await reader).toBe('old');
    await pass(staleMs - freshMs);
    const failed = Promise.allSettled([get(), get()]);
    begun[2]?.fail(new Error('away'));
    await pass(20);
    expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(begun).toHaveLength(3);
  });

  test('read again where the reading request was dropped', async () => {
    const { begun, get, pass } = sourceOf();
    void get();
    const waiting = get();
    await pass(2_020);
    expect(begun).toHaveLength(2);
    begun[1]?.end('second');
    expect(await waiting).toBe('second');
  });

  test.each([2_500, 7_000])('answer many requests although each read takes %i ms', async (readMs) => {
    const { begun, get, pass } = sourceOf();
    let answered = 0;
    const crowd = Array.from({ length: 20 }, () => get().then(() => (answered += 1)));
    // Every started read ends after this time.
    const ends: number[] = [];
    for (let passed = 0; passed < 3 * readMs && answered < crowd.length; passed += 10) {
      while (ends.length < begun.length) ends.push(passed + readMs);
      for (const [at, endMs] of ends.entries()) if (endMs === passed) begun[at]?.end('slow');
      await pass(10);
    }
    expect(answered).toBe(crowd.length);
  });

  test('keep no value of a slow read that was invalidated', async () => {
    const { begun, reads, get, pass } = sourceOf();
    void get();
    await pass(2_020);
    reads.invalidate('one');
    begun[0]?.end('before');
    await pass(10);
    // The second one would get a stale value while the first one reads.
    const crowd = [get(), get()];
    begun[1]?.end('after');
    await pass(20);
    expect(await Promise.all(crowd)).toEqual(['after', 'after']);
  });

  test('return no absence from before the request, unless it accepts a cached one', async () => {
    const { begun, get, pass, readAs } = sourceOf();
    await readAs(null);
    expect(await get('one', true)).toBe(null);
    expect(begun).toHaveLength(1);
    const first = get();
    const second = get();
    begun[1]?.end(null);
    expect(await first).toBe(null);
    await pass(20);
    // It came after the start of that read.
    expect(begun).toHaveLength(3);
    begun[2]?.end('made meanwhile');
    expect(await second).toBe('made meanwhile');
  });

  test('keep no absence longer than allowed', async () => {
    const { begun, get, pass, readAs, reads } = sourceOf();
    await readAs(null);
    expect(reads.isAbsent('one')).toBe(true);
    await pass(freshMs);
    expect(reads.isAbsent('one')).toBe(false);
    void get('one', true);
    expect(begun).toHaveLength(2);
  });

  test('invalidate also the result of a read in flight', async () => {
    const { begun, reads, get } = sourceOf();
    const before = get();
    reads.invalidate('one');
    const after = get();
    begun[0]?.end('before');
    begun[1]?.end('after');
    expect(await Promise.all([before, after])).toEqual(['before', 'after']);
    expect(await get()).toBe('after');
    expect(begun).toHaveLength(2);
  });

  test('keep a bounded number of keys, the newest ones', async () => {
    const { begun, get, readAs } = sourceOf();
    for (const key of ['a', 'b', 'c', 'd']) await readAs(key, key);
    expect(await Promise.all(['b', 'c', 'd'].map((key) => get(key)))).toEqual(['b', 'c', 'd']);
    expect(begun).toHaveLength(4);
    void get('a');
    expect(begun).toHaveLength(5);
  });
});
