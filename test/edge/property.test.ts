/** The committer of an object, in workerd, against the same model as that of a file. */
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { runs, searchDeadlineMs } from '../property/runs.ts';
import { type ShopStore, shopProperty } from '../property/shop-property.ts';
import { useEdgeShop } from './worker-under-test.ts';

const normal = 40;

describe('an object', () => {
  const edge = useEdgeShop();
  let objects = 0;
  function open(): ShopStore {
    objects += 1;
    const url = `${edge.server.url}/scratch/${objects}`;
    const call = async (what: object) =>
      (await fetch(url, { method: 'POST', body: JSON.stringify(what) })).json() as Promise<never>;
    return {
      run: (command, now) => call({ do: 'run', command, now }),
      rows: (queries) => call({ do: 'rows', queries }),
      reopen: () => call({ do: 'reopen' }),
      violations: () => call({ do: 'violations' }),
      close: () => undefined,
    };
  }

  test(
    'answers and keeps rows as the model does, and every promise holds',
    {
      timeout: searchDeadlineMs(normal),
    },
    () => fc.assert(shopProperty(open), runs(normal)),
  );
});
