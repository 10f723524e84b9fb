/** A slow writer: commands beyond its queue get 503 with Retry-After, and reads go on. */
import { connect } from 'node:net';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { type Answer, type Call, readJson } from '../support/client.ts';
import { machines, useServer } from '../support/contract-server.ts';
import { expectAnswer } from '../support/scenario.ts';
import { purchaseCall, type Shop, until } from '../support/shop.ts';

const plenty = [{ sku: 'one', name: 'One size', price: 1250, stock: 50 }];
const fail = (): never => {
  throw new Error('Six calls were made.');
};
const queueMax = 2;
const small = { WRITE_QUEUE_MAX: String(queueMax), WRITE_BATCH_MAX: '1' };

/** The number of queued commands, without the one at the writer. */
const waitingAt = async (shop: Shop): Promise<number> =>
  readJson<{ queueDepth: { holds: number } }>(await shop.send({ path: '/readyz' })).queueDepth.holds;

/** Sends calls in order: the first reaches the writer, the next ones fill the queue. */
async function fillQueue(shop: Shop, calls: readonly Call[]): Promise<Promise<Answer>[]> {
  const sent: Promise<Answer>[] = [];
  for (const [index, call] of calls.entries()) {
    sent.push(shop.send(call));
    await until(
      () => waitingAt(shop),
      (waiting) => waiting === Math.min(index, queueMax),
    );
  }
  return sent;
}

/**
 * Sends six purchases while another process keeps the writer from committing, until `isOver`
 * resolves. The first is then at the writer, and the queue is full.
 */
async function sixDuringLock(
  shop: Shop,
  dropId: string,
  isOver: (sent: Promise<Answer>[]) => Promise<unknown>,
): Promise<{ calls: Call[]; answers: Answer[] }> {
  const db = new Database(shop.server.databaseFile);
  db.exec('BEGIN IMMEDIATE');
  const calls = Array.from({ length: 6 }, () => purchaseCall(dropId, {}, crypto.randomUUID()));
  const sent = await fillQueue(shop, calls);
  await isOver(sent);
  expect((await shop.drop(dropId)).items[0]?.held).toBe(0);
  db.exec('COMMIT');
  db.close();
  return { calls, answers: await Promise.all(sent) };
}

function expectRefused(answer: Answer | undefined, code: string): void {
  expectAnswer(answer ?? fail(), { status: 503, code });
  expect(answer?.headers['retry-after']).toMatch(/^[1-9]\d*$/);
}

describe.each(machines)('a deadline on %s', (runtime) => {
  const shop = useServer(runtime, { ...small, WRITE_DEADLINE_MS: '1000' });

  it('refuses commands that wait beyond it, and reports unknown outcomes', async () => {
    const { id } = await shop.createDrop({ items: plenty });
    const { calls, answers } = await sixDuringLock(shop, id, (sent) => Promise.all(sent));
    const codes = answers.map((answer) => readJson<{ code: string }>(answer).code);
    const atWriter = codes.indexOf('outcome_unknown');
    for (const [index, answer] of answers.entries()) {
      expectRefused(answer, index === atWriter ? 'outcome_unknown' : 'overloaded');
    }
    // A retry shows the outcomes: the purchase at the writer exists, the refused one does not.
    // Neither counts twice.
    const [first, other] = [calls[atWriter], calls.find((_, index) => index !== atWriter)];
    const again = [await shop.send(first ?? fail()), await shop.send(other ?? fail())];
    expect(again.map((answer) => [answer.status, answer.headers['idempotency-replayed']])).toEqual([
      [201, 'true'],
      [201, undefined],
    ]);
    expect((await shop.drop(id)).items[0]?.held).toBe(2);
  });
});

describe.each(machines)('overload on %s', (runtime) => {
  // No deadline passes here, however slow the machine is.
  const shop = useServer(runtime, { ...small, WRITE_DEADLINE_MS: '60000' });

  it('refuses commands beyond the queue, and executes the rest', async () => {
    const { id } = await shop.createDrop({ items: plenty });
    const { answers } = await sixDuringLock(shop, id, (sent) => Promise.all(sent.slice(1 + queueMax)));
    expect(answers.map((answer) => answer.status)).toEqual([201, 201, 201, 503, 503, 503]);
    for (const answer of answers.slice(1 + queueMax)) expectRefused(answer, 'overloaded');
    expect((await shop.drop(id)).items[0]?.held).toBe(3);
  });

  it.each([
    ['a body of known length', 'content-length: 12', '{"dropId":1}'],
    ['a body in chunks', 'transfer-encoding: chunked', '6\r\n{"drop\r\n6\r\nId":1}\r\n0\r\n\r\n'],
  ])(
    'answers before it has read %s, and continues with the connection’s next request',
    async (_, framing, body) => {
      const { id } = await shop.createDrop({ items: plenty });
      const db = new Database(shop.server.databaseFile);
      db.exec('BEGIN IMMEDIATE');
      const calls = Array.from({ length: 1 + queueMax }, () => purchaseCall(id, {}, crypto.randomUUID()));
      const others = await fillQueue(shop, calls);
      const { hostname, port } = new URL(shop.server.url);
      const socket = connect(Number(port), hostname);
      let received = '';
      socket.on('data', (data) => {
        received += data.toString();
      });
      const receive = (text: RegExp) => expect.poll(() => received).toMatch(text);
      socket.write(
        `POST /purchase HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n${framing}\r\n\r\n`,
      );
      await receive(/^HTTP\/1.1 503 [\s\S]*"code":"overloaded"/);
      socket.write(`${body}GET /version HTTP/1.1\r\nHost: a\r\n\r\n`);
      await receive(/HTTP\/1.1 200 [\s\S]*"runtime":/);
      socket.destroy();
      db.exec('COMMIT');
      db.close();
      await Promise.all(others);
    },
  );

  it('keeps serving reads while the writer waits', async () => {
    const { id } = await shop.createDrop();
    const mine = await shop.buy(id);
    const db = new Database(shop.server.databaseFile);
    db.exec('BEGIN IMMEDIATE');
    const cancelled = shop.cancel(mine);
    for (const path of ['/drops', `/drops/${id}`, '/livez', '/version']) {
      expect((await shop.send({ path })).status).toBe(200);
    }
    expect((await shop.order(mine)).order.status).toBe('held');
    db.exec('COMMIT');
    db.close();
    expect((await cancelled).status).toBe(200);
  });
});
