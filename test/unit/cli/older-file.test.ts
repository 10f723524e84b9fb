/** A file of an older schema is refused in one sentence, before any output or write. */
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createProgram } from '../../../src/cli/program.ts';
import { importIntoFile } from '../../../src/database/sqlite/move-file.ts';
import { noon } from '../../support/commands.ts';
import { stoppedAt } from '../../support/older-file.ts';
import { migratedFile, settingsFor } from '../../support/scratch-store.ts';
import { anyRow } from '../../support/signed-drop-file.ts';

/** A paused drop in a file from before refunds had a `series_start`. */
function olderFile(): string {
  const connection = stoppedAt('0004_failed_references');
  connection.exec(`
    insert into drops values (1, 'drop', 'A drop', '', null, 'EUR', null, ${noon}, null, 600, 1, 1, ${noon});`);
  connection.close();
  return connection.name;
}

async function refusalOf(words: readonly string[]): Promise<unknown> {
  const program = await createProgram(words, () => undefined);
  return program.parseAsync(words, { from: 'user' }).catch((error: unknown) => error);
}

test.each(['move export drop', 'move import package.json', 'load-test --drop drop', 'tokens list', 'audit'])(
  '%s',
  async (args) => {
    vi.stubEnv('SECRET_KEY', 'a-secret-of-thirty-two-characters');
    onTestFinished(() => void vi.unstubAllEnvs());
    const file = olderFile();
    const before = readFileSync(file);
    using print = vi.spyOn(process.stdout, 'write');
    expect(await refusalOf([...args.split(' '), '--file', file])).toMatchObject({
      message: expect.stringContaining(
        `${file} has the schema of another version. Start the server once to migrate it.`,
      ),
    });
    expect(print).not.toHaveBeenCalled();
    expect(readFileSync(file).equals(before)).toBe(true);
  },
);

test.each([
  [
    '{"format":"stampede drop","version":3}\n',
    /^The drop file has version 3, but this release reads version 8\b/,
  ],
  ['{"format":"stampede drop","version":"ann@shop.example"}\n', /^Line 1 is not a line of a drop file\.$/],
  ['{"format":"another","version":3}\n', /^Line 1 is not a line of a drop file\.$/],
])('a drop file that begins with %j', (text, said) => {
  expect(() => importIntoFile(settingsFor(migratedFile()), text, anyRow)).toThrow(
    expect.objectContaining({ name: 'MoveRefusedError', message: expect.stringMatching(said) }),
  );
});
