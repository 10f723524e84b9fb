/** The audit in an object of workerd, on rows and a schema that SQL has changed. */
import { describe, expect, test } from 'vitest';
import { sampleFileCommits } from '../reliability/sample-file.ts';
import { checkoutCommits, unseenTamperings } from '../reliability/unseen-tamperings.ts';
import { useEdgeShop } from './worker-under-test.ts';

describe('the audit in an object', () => {
  const edge = useEdgeShop();

  async function openSmallObject(name: string) {
    const call = async <Answer>(what: object): Promise<Answer> => {
      const url = `${edge.server.url}/scratch/${encodeURIComponent(name)}`;
      return (await fetch(url, { method: 'POST', body: JSON.stringify(what) })).json() as Promise<Answer>;
    };
    for (const { commands, at: now } of [...sampleFileCommits, ...checkoutCommits])
      for (const command of commands) await call({ do: 'run', command, now });
    return {
      tamper: (sql: string) => call({ do: 'rows', queries: [sql] }),
      violations: () => call<string[]>({ do: 'violations' }),
    };
  }

  test('finds nothing in a sound object', async () => {
    const object = await openSmallObject('sound');
    expect(await object.violations()).toEqual([]);
  });

  test.each(unseenTamperings)('finds $name', async ({ name, sql, violations }) => {
    const object = await openSmallObject(name);
    await object.tamper(sql);
    expect(await object.violations()).toEqual(violations);
  });
});
