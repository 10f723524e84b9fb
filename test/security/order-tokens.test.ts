/** Requests without an order's exact token all get the answer for an order that never existed. */
import { beforeAll, describe, expect, test } from 'vitest';
import { allOperations } from '../../src/api/document.ts';
import type { Operation } from '../../src/http/operation.ts';
import type { Answer, Call } from '../support/client.ts';
import { runtimes, useServer } from '../support/contract-server.ts';
import type { Purchase } from '../support/shapes.ts';

const operations: readonly Operation[] = allOperations;
const guarded = operations.filter(({ access }) => access === 'order token');
const absent = 'ord_AAAAAAAAAAAAAAAAAAAAAA';

interface Orders {
  mine: Purchase;
  other: Purchase;
  released: Purchase;
  paid: Purchase;
}

const changedAt = (token: string, index: number): string =>
  token.slice(0, index) + (token[index] === 'A' ? 'B' : 'A') + token.slice(index + 1);

/** Requests for `mine` without its token in the right place. */
const strangers: Record<string, (orders: Orders, operatorToken: string) => Partial<Call>> = {
  'the token of another order': ({ other }) => ({ token: other.token }),
  'the token of a released order': ({ released }) => ({ token: released.token }),
  'the token of a paid order': ({ paid }) => ({ token: paid.token }),
  'the operator’s token': (_, token) => ({ token }),
  'half of the token': ({ mine }) => ({ token: mine.token.slice(0, 11) }),
  'the token twice': ({ mine }) => ({ token: `${mine.token}${mine.token}` }),
  'the token in base64': ({ mine }) => ({ token: Buffer.from(mine.token).toString('base64url') }),
  'the token with its padding': ({ mine }) => ({ token: `${mine.token}==` }),
  'the token in upper case': ({ mine }) => ({ token: mine.token.toUpperCase() }),
  'the token in lower case': ({ mine }) => ({ token: mine.token.toLowerCase() }),
  'the token after another scheme': ({ mine }) => ({ headers: { Authorization: `Token ${mine.token}` } }),
  'two tokens': ({ mine, other }) => ({
    headers: { Authorization: `Bearer ${other.token}, Bearer ${mine.token}` },
  }),
  'the token in a custom header': ({ mine }) => ({ headers: { 'X-Order-Token': mine.token } }),
  'the token as a cookie': ({ mine }) => ({
    headers: { Cookie: `order=${mine.token}; token=${mine.token}` },
  }),
};

/** The answer without values that change by the second. */
function visible({ status, headers: { date, ...headers }, text }: Answer): unknown {
  return { status, headers, text };
}

describe.each(runtimes)('order tokens on %s', (runtime) => {
  const shop = useServer(runtime);
  let orders: Orders;
  let dropId: string;
  beforeAll(async () => {
    const drop = await shop.createDrop();
    dropId = drop.id;
    const [mine, other, released, paid] = await Promise.all([1, 2, 3, 4].map(() => shop.buy(drop.id)));
    if (!mine || !other || !released || !paid) throw new Error('Four orders were asked for.');
    orders = { mine, other, released, paid };
    await shop.cancel(released);
    await shop.pay(paid);
  });
  const callOf = (operation: Operation, id: string): Call => ({
    method: operation.method.toUpperCase(),
    path: operation.path.replace(':id', id),
  });

  test('routes with tokens exist', () => expect(guarded.map(({ id }) => id)).toContain('getOrder'));

  describe.each(guarded.map((operation) => [operation.id, operation] as const))('%s', (_, operation) => {
    const ask = (call: Partial<Call>, id = orders.mine.order.id): Promise<Answer> =>
      shop.send({ ...callOf(operation, id), ...call });
    const expectStranger = async (call: Partial<Call>): Promise<void> => {
      const reference = visible(await ask({ token: orders.mine.token }, absent));
      expect(visible(await ask(call))).toEqual(reference);
    };

    test.each(Object.entries(strangers))('%s', async (__, call) => {
      const before = await shop.stateOf(dropId);
      await expectStranger(call(orders, shop.server.adminToken));
      expect(await shop.stateOf(dropId)).toBe(before);
    });

    test('the token in the query, or in the body', async () => {
      const { token, order } = orders.mine;
      const { path } = callOf(operation, order.id);
      for (const name of ['token', 'access_token', 'authorization'])
        await expectStranger({ path: `${path}?${name}=${token}` });
      if (operation.method !== 'get') await expectStranger({ json: { token } });
    });

    test('the token with any one character changed', async () => {
      const { token } = orders.mine;
      const before = await shop.stateOf(dropId);
      for (let index = 0; index < token.length; index += 1)
        await expectStranger({ token: changedAt(token, index) });
      expect(await shop.stateOf(dropId)).toBe(before);
    });
  });

  test('a page shows an order to no other client, and a stranger’s form cancels nothing', async () => {
    const { mine, other, released } = orders;
    const before = await shop.stateOf(dropId);
    const pageOf = async (id: string, token: string): Promise<string> => {
      const answer = await shop.send({ path: `/o/${id}`, headers: { Cookie: `order=${token}` } });
      return answer.text.replaceAll(id, 'the id');
    };
    const reference = await pageOf(absent, mine.token);
    expect(reference).toContain('<h1>');
    for (const token of [
      other.token,
      released.token,
      changedAt(mine.token, 21),
      mine.token.toLowerCase(),
      '',
      shop.server.adminToken,
    ]) {
      expect(await pageOf(mine.order.id, token)).toBe(reference);
      const headers = { Cookie: `order=${token}`, 'Sec-Fetch-Site': 'same-origin' };
      await shop.send({ method: 'POST', path: `/o/${mine.order.id}/cancel`, form: {}, headers });
    }
    const { token } = mine;
    expect(await pageOf(mine.order.id, token)).not.toBe(reference);
    const crossSite = { Cookie: `order=${token}`, 'Sec-Fetch-Site': 'cross-site' };
    const forged = await shop.send({
      method: 'POST',
      path: `/o/${mine.order.id}/cancel`,
      form: {},
      headers: crossSite,
    });
    expect(forged.status).toBe(403);
    expect(await shop.stateOf(dropId)).toBe(before);
  });
});
