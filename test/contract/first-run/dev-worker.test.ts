/** `npm run dev:worker` in a new checkout: listens on PORT, creates secrets and the sample drop. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { findFreePort } from '../../../src/load-test/free-port.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';
import { root } from '../../support/server-process.ts';
import { until } from '../../support/shop.ts';

const [, program = ''] = packageJson.scripts['dev:worker'].split(' ');

describe('npm run dev:worker', () => {
  const folder = join(scratchFolder(), 'checkout');
  let child: ChildProcess;
  let url = '';
  let printed = '';

  beforeAll(async () => {
    mkdirSync(folder);
    for (const name of ['src', 'drizzle', 'node_modules']) symlinkSync(join(root, name), join(folder, name));
    // Wrangler writes its files next to its configuration, and follows links to it.
    for (const name of ['package.json', 'tsconfig.json', 'wrangler.toml'])
      copyFileSync(join(root, name), join(folder, name));
    const port = await findFreePort();
    url = `http://localhost:${port}`;
    child = spawn(process.execPath, [program], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, HOME: folder, PORT: String(port), CI: 'true' },
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
      });
    }
    await until(
      async () => ({ printed, exitCode: child.exitCode }),
      (seen) => seen.exitCode !== null || seen.printed.includes(`${url}/purchase`),
    );
    expect([child.exitCode, printed]).toEqual([null, expect.stringContaining(`${url}/purchase`)]);
  });
  afterAll(async () => {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  });

  test('shows and sells the sample drop on PORT', async () => {
    const { drops } = (await (await fetch(`${url}/drops`)).json()) as { drops: { slug: string }[] };
    expect(drops).toMatchObject([{ slug: 'sample-sneaker', phase: 'live' }]);
    const bought = await fetch(`${url}/purchase`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        dropId: 'sample-sneaker',
        sku: '42',
        quantity: 1,
        customer: { email: 'dev@example.com' },
      }),
    });
    expect([bought.status, await bought.text()]).toEqual([201, expect.stringContaining(`${url}/pay/`)]);
  });

  test('keeps its secrets in .dev.vars, for this user alone, and prints none', () => {
    const file = join(folder, '.dev.vars');
    expect(statSync(file).mode & 0o077).toBe(0);
    const secrets = readFileSync(file, 'utf8').matchAll(/^(?:SECRET_KEY|ADMIN_TOKEN)=(.+)$/gm);
    const values = [...secrets].map(([, value = '']) => value);
    expect(values).toHaveLength(2);
    for (const value of values) expect(printed).not.toContain(value);
  });
});
