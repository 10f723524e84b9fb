/** What a process has acknowledged is there after kill -9. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { root } from '../../support/server-process.ts';
import { items } from './schema.ts';
import { closeAll, newFile, open } from './split-under-test.ts';

afterEach(closeAll);

/** Written before the process is killed. */
const LINES_MIN = 300;

test('every acknowledged row exists after kill -9', async () => {
  const file = newFile();
  const app = join(root, 'test/unit/split/killed-app.ts');
  const child = spawn(process.execPath, [app, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  for await (const chunk of child.stdout) {
    printed += String(chunk);
    if (printed.split('\n').length > LINES_MIN) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  // The kill may have cut off the last line.
  const acknowledged = printed.split('\n').slice(0, -1);
  expect(acknowledged.length).toBeGreaterThanOrEqual(LINES_MIN);
  const db = await open({ file });
  const found = new Set(
    db
      .select({ name: items.name })
      .from(items)
      .all()
      .map(({ name }) => name),
  );
  expect(acknowledged.filter((name) => !found.has(name))).toEqual([]);
});
