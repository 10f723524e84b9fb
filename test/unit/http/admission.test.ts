/** Admission control before purchases: which are shed, when, and how many at once. */
import { beforeEach, describe, expect, test } from 'vitest';
import { dropPresentation } from '../../../src/answers/representation.ts';
import { createApp } from '../../../src/app.ts';
import { createFrontDatabase } from '../../../src/edge/front/database.ts';
import { type Admission, createAdmission } from '../../../src/http/admission.ts';
import { createIds } from '../../../src/ids/ids.ts';
import { appDeps } from '../../support/app-deps.ts';
import { FakeClock } from '../../support/fake-clock.ts';

let clock: FakeClock;
let isFull: boolean;
let admission: Admission;
let reported: Response[];
beforeEach(() => {
  clock = new FakeClock();
  isFull = true;
  admission = createAdmission({ db: { isFull: () => isFull }, clock });
  reported = [];
});

const come = (count: number): void => {
  for (let index = 0; index < count; index += 1)
    void admission.shed()?.then((answer) => reported.push(answer));
};

/** Advances the clock, and runs everything that waited for it. */
async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  await new Promise((resolve) => setImmediate(resolve));
}

describe('admission control', () => {
  test('admits requests while the queue has capacity', () => {
    isFull = false;
    expect(admission.shed()).toBeNull();
  });

  test('answers that nothing was executed, and when to retry', async () => {
    come(1);
    await pass(2);
    const [answer] = reported;
    expect([answer?.status, answer?.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await answer?.json()).toMatchObject({ code: 'overloaded' });
  });

  test('sends no refusal in the event-loop turn that read the request', async () => {
    come(3);
    await pass(0);
    expect(reported).toHaveLength(0);
  });

  test('sends a fifth as many refusals as served requests, and some when none were served', async () => {
    come(30);
    for (let index = 0; index < 41; index += 1) admission.served();
    await pass(1);
    expect(reported).toHaveLength(8);
    await pass(20);
    expect(reported).toHaveLength(18);
  });

  test('counts served requests only while refusals wait', async () => {
    for (let index = 0; index < 1_000; index += 1) admission.served();
    come(30);
    await pass(3);
    expect(reported).toHaveLength(1);
  });

  test('delays no refusal by more than three seconds', async () => {
    come(2_000);
    await pass(1_000);
    come(2_000);
    await pass(1_990);
    expect(reported).toHaveLength(1_495);
    await pass(10);
    expect(reported).toHaveLength(2_000);
  });

  test('refuses admitted requests in order when the queue is full', async () => {
    isFull = false;
    void admission.shedInTurn().then((answer) => reported.push(answer));
    await pass(0);
    expect(reported).toHaveLength(0);
    await pass(2);
    expect(reported).toHaveLength(1);
  });

  test('answers every waiting request, also once there is capacity again', async () => {
    come(7);
    isFull = false;
    await pass(20);
    expect(reported).toHaveLength(7);
    isFull = true;
    come(1);
    await pass(2);
    expect(reported).toHaveLength(8);
  });
});

test('the body of a refused purchase is not read', async () => {
  const ids = createIds('one-secret-0123456789abcdef0123456789abcdef');
  const store = createFrontDatabase([], dropPresentation(ids), async () => ({ kind: 'slug_taken' }));
  const app = createApp(appDeps({ db: { ...store, isFull: () => true }, ids }));
  let pulls = 0;
  const body = new ReadableStream(
    {
      pull(controller) {
        pulls += 1;
        controller.enqueue(new TextEncoder().encode('{"dropId":'));
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  const headers = { 'content-type': 'application/json' };
  const answer = await app.request('/purchase', {
    method: 'POST',
    headers,
    body,
    duplex: 'half',
  } as RequestInit);
  expect([answer.status, pulls]).toEqual([503, 0]);
});
