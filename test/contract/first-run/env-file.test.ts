/** `npm start` and `bun start` read `.env`; environment variables take precedence. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { expectCleanEnd, machines } from '../../support/contract-server.ts';
import { runCommand } from '../../support/operator-command.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';
import { root, startServer } from '../../support/server-process.ts';
import { Shop } from '../../support/shop.ts';

/** A checkout with its own `.env`. */
function folderWith(lines: readonly string[]): string {
  const folder = join(scratchFolder(), 'checkout');
  mkdirSync(folder);
  for (const name of ['src', 'drizzle', 'node_modules', 'package.json', 'bunfig.toml']) {
    symlinkSync(join(root, name), join(folder, name));
  }
  writeFileSync(join(folder, '.env'), `${lines.join('\n')}\n`);
  return folder;
}

describe.each(machines)('a .env in the working folder, on %s', (runtime) => {
  // As `npm start` and `bun start` run it: bunfig.toml replaces `node` with Bun.
  const [, program = '', ...args] = packageJson.scripts.start.split(' ');

  test('configures the server; a variable that is set wins', async () => {
    const folder = folderWith(['HOLD_SECONDS=77', 'ADMIN_TOKEN=Wm4_tR9z-Kc1XqB7vYd2hNfs', 'PORT=1']);
    const server = await startServer({ runtime, root: folder, program, args });
    onTestFinished(() => expectCleanEnd(server));
    const shop = new Shop();
    shop.open(server);
    expect(await shop.createDrop({ holdSeconds: undefined })).toMatchObject({ holdSeconds: 77 });
  });

  test('is read by the command line too', () => {
    const folder = folderWith(['DATABASE_FILE=of-the-file.db']);
    const { code, stderr } = runCommand(runtime, 'stampede', '', ['tokens', 'list'], {}, folder);
    expect([code, stderr]).toEqual([1, expect.stringContaining('of-the-file.db does not exist')]);
  });

  // Bun's own loader expands variables in values, and reads other files too.
  test.each(['.env.local', '.env.development'])('is read unchanged, and alone, next to %s', (other) => {
    const folder = folderWith(['DATABASE_FILE=of-$PATH-and-$nothing.db']);
    writeFileSync(join(folder, other), 'DATABASE_FILE=of-another-file.db\n');
    const { code, stderr } = runCommand(runtime, 'stampede', '', ['tokens', 'list'], {}, folder);
    expect([code, stderr]).toEqual([1, expect.stringContaining('of-$PATH-and-$nothing.db does not exist')]);
  });
});
