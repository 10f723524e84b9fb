/** An isolate's relay reads: once per crowd, again after a change; late answers refuse nothing. */
import { describe, expect, test } from 'vitest';
import { KeyFilter } from '../../../src/edge/key-filter.ts';
import { type LeasedDrop, PublishedDrops } from '../../../src/edge/relay/published-drops.ts';
import { PUBLISHED_AGE_MS } from '../../../src/limits.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { plainDrop } from '../../support/plain-drop.ts';

const dropId = 70_000;

/** Relays that answer on the test's command. */
function isolate() {
  const clock = new FakeClock();
  const asked: { end: (lease: LeasedDrop | null) => void; fail: (error: Error) => void }[] = [];
  const relays = {
    jurisdictions: () => [],
    call: () => new Promise<LeasedDrop | null>((end, fail) => void asked.push({ end, fail })),
  };
  const known = new PublishedDrops(relays, clock);
  const look = () => known.get(dropId, { relayOf: () => 'relay', waitUntil: () => undefined });
  const pass = async (durationMs: number): Promise<void> => {
    for (let passed = 0; passed < durationMs; passed += 10) {
      clock.advance(10);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const lease = (title: string): LeasedDrop => ({
    drop: { ...plainDrop, id: dropId, slug: 'one', title, items: [] },
    shards: 1,
    keys: [KeyFilter.empty(1).updateFor(null)],
    leaseMs: PUBLISHED_AGE_MS,
  });
  return { known, asked, look, pass, lease };
}

describe('an isolate', () => {
  test('queries the relay once for many requests', async () => {
    const { asked, look, pass, lease } = isolate();
    const crowd = Array.from({ length: 200 }, look);
    for (const { end } of asked) end(lease('first'));
    await pass(20);
    expect(new Set((await Promise.all(crowd)).map((found) => found?.drop.title))).toEqual(new Set(['first']));
    expect(asked).toHaveLength(1);
  });

  test('sends one query at a time during continuous changes, and shows each caller its change', async () => {
    const { known, asked, look, pass, lease } = isolate();
    const first = look();
    known.invalidate(dropId);
    const second = look();
    known.invalidate(dropId);
    const third = look();
    await pass(50);
    expect(asked).toHaveLength(1);
    asked[0]?.end(lease('before'));
    await pass(20);
    expect(asked).toHaveLength(2);
    asked[1]?.end(lease('after'));
    await pass(20);
    const titles = (await Promise.all([first, second, third])).map((found) => found?.drop.title);
    expect(titles).toEqual(['before', 'after', 'after']);
  });

  test('answers many requests when the relay fails or reports no drop', async () => {
    const { asked, look, pass } = isolate();
    const first = look();
    const crowd = Promise.allSettled(Array.from({ length: 5 }, look));
    asked[0]?.end(null);
    await pass(20);
    // That read started before their requests: the drop may have been created meanwhile.
    expect(asked).toHaveLength(2);
    asked[1]?.fail(new Error('away'));
    await pass(20);
    expect(await first).toBe(null);
    expect((await crowd).map(({ status }) => status)).toEqual(Array(5).fill('rejected'));
  });

  test('queries again when the querying request was dropped', async () => {
    const { asked, look, pass, lease } = isolate();
    void look();
    const waiting = look();
    await pass(2_020);
    asked[1]?.end(lease('second'));
    expect((await waiting)?.drop.title).toBe('second');
  });

  test('refuses nothing based on an answer that arrived after its lease', async () => {
    const { asked, look, pass, lease } = isolate();
    const late = look();
    await pass(PUBLISHED_AGE_MS);
    asked[0]?.end(lease('late'));
    expect((await late)?.keys).toEqual([null]);
  });
});
