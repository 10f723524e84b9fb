/** The committer of an object in workerd, against the same model as that of a file. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runs, searchDeadlineMs } from '../property/runs.ts';
import { type ShopStore, shopProperty } from '../property/shop-property.ts';
import { useEdgeShop } from './worker-under-test.ts';

const normal = 40;

describe('an object', () => {
  const edge = useEdgeShop();
  let objects = 0;
  function openObject() {
    objects += 1;
    const url = `${edge.server.url}/scratch/${objects}`;
    return async (what: object) =>
      (await fetch(url, { method: 'POST', body: JSON.stringify(what) })).json() as Promise<never>;
  }
  function open(): ShopStore {
    const call = openObject();
    return {
      run: (command, now) => call({ do: 'run', command, now }),
      rows: (queries) => call({ do: 'rows', queries }),
      reopen: () => call({ do: 'reopen' }),
      violations: () => call({ do: 'violations' }),
      close: () => undefined,
    };
  }

  test(
    'answers and stores rows as the model does, and violates no invariant',
    {
      timeout: searchDeadlineMs(normal),
    },
    () => fc.assert(shopProperty(open), runs(normal)),
  );

  test('of an older version keeps its rows when its tables are rebuilt', async () => {
    const call = openObject();
    const statements = [
      `insert into drops values (1, 'drop', 'A drop', '', null, 'EUR', null, 1, null, 600, 1, 0, 1)`,
      `insert into items values (1, 1, 'one', 'One', 1250, 5, 0, 1)`,
      `insert into orders (id, drop_id, item_id, quantity, unit_price, status, customer, fingerprint, created_at,
        hold_expires_at) values (1, 1, 1, 1, 1250, 'paid', 'ann', 'f', 1, 2)`,
      `insert into payments values (1, 1, 'sandbox', 'e', 'r', 'paid', 1250, 'EUR', 1)`,
      `insert into refunds (id, payment_id, status, reason, amount, currency, next_attempt_at, created_at)
        values (1, 1, 'failed', 'operator', 1250, 'EUR', 1, 1)`,
    ];
    await call({ do: 'begin_old', migrations: 3, statements });
    const queries = [
      'select id, status, dispute from orders',
      'select payment_id, status, key_number from refunds',
      'select order_id from payments',
      'pragma foreign_key_list(payments)',
      'pragma foreign_key_check',
    ];
    expect(await call({ do: 'rows', queries })).toEqual([
      [{ id: 1, status: 'paid', dispute: null }],
      [{ payment_id: 1, status: 'failed', key_number: 0 }],
      [{ order_id: 1 }],
      [expect.objectContaining({ table: 'orders', from: 'order_id', to: 'id' })],
      [],
    ]);
  });
});
