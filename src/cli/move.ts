/** `stampede move`: exports a drop from a database file, or imports it into a new one. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { DropFileRules } from '../database/move/drop-file.ts';
import { exportFromFile, importIntoFile, undoMove } from '../database/sqlite/move-file.ts';
import { brokenRule } from '../http/moved-row.ts';
import { createIds } from '../ids/ids.ts';
import { mustHaveOneName } from '../split/other-names.ts';
import { connectionTo, type FileOptions, mustExist, secretKeyOf, withFile } from './options.ts';
import { say } from './output.ts';
import { Refusal, reasonOf } from './refusal.ts';

async function refusing(work: () => void | Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw new Refusal(`nothing was moved: ${reasonOf(error)}`);
  }
}

/** Throws if SECRET_KEY is unknown. */
function rulesFor(file: string): DropFileRules {
  const secretKey = secretKeyOf(file);
  if (secretKey === undefined) throw new Error('set SECRET_KEY, which signs drop files');
  const { seal } = createIds(secretKey);
  return { sign: (text) => seal('drop file', text), brokenRule };
}

const exportDrop = (slug: string, { file }: FileOptions): Promise<void> =>
  refusing(async () => {
    mustExist(file);
    mustHaveOneName(file);
    const rules = rulesFor(file);
    for (const line of exportFromFile(connectionTo(file), slug, Date.now(), rules)) {
      if (!process.stdout.write(line)) await once(process.stdout, 'drain');
    }
  });

const importDrop = (lines: string, { file }: FileOptions): Promise<void> =>
  refusing(() => {
    const text = readFileSync(lines, 'utf8');
    mustHaveOneName(file);
    const { slug } = importIntoFile(connectionTo(file), text, rulesFor(file));
    say(`${slug} was imported into ${file}. Start a server on it with the same SECRET_KEY.`);
  });

const undo = (slug: string, { file }: FileOptions): Promise<void> =>
  refusing(() => {
    mustExist(file);
    mustHaveOneName(file);
    undoMove(connectionTo(file), slug, Date.now());
    say(
      `${slug} is active here again, still paused. Never undo an export that another deployment has imported.`,
    );
  });

export const moveCommand = (): Command =>
  new Command('move')
    .description('move a drop out of a database file, or into a new one')
    .addCommand(
      withFile(new Command('export'))
        .description(
          'write a paused drop to stdout and mark it as moved; this file then refuses every change to it',
        )
        .argument('<slug>', 'slug of the drop')
        .addHelpText(
          'after',
          '\nExample:\n  $ npm run --silent stampede -- move export spring > spring.jsonl',
        )
        .action(exportDrop),
    )
    .addCommand(
      withFile(new Command('import'))
        .description('import a drop into a database file that has none yet')
        .argument('<file>', 'the output of `move export`')
        .addHelpText(
          'after',
          '\nExample:\n  $ npm run stampede -- move import spring.jsonl --file data/spring.db',
        )
        .action(importDrop),
    )
    .addCommand(
      withFile(new Command('undo'))
        .description('undo an export whose file was never imported')
        .argument('<slug>', 'slug of the drop')
        .addHelpText('after', '\nExample:\n  $ npm run stampede -- move undo spring')
        .action(undo),
    );
