/** `npm run move`: takes a drop out of a database file, or into a new one, so that it can go on elsewhere. */
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { exportFromFile, importIntoFile } from '../database/sqlite/move-file.ts';

const usage = `usage: npm run --silent move -- export SLUG > drop.jsonl     with the server stopped and the drop paused
       npm run --silent move -- import drop.jsonl           into a database file that has no drop yet
The database is DATABASE_FILE, or data/stampede.db, or what --file names.`;

const say = (text: string): boolean => process.stderr.write(`${text}\n`);

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { file: { type: 'string' } },
    allowPositionals: true,
  });
  const file = values.file ?? (process.env.DATABASE_FILE || 'data/stampede.db');
  const settings = { file, busyTimeoutMs: 5_000, synchronous: 'FULL' } as const;
  const [action, what, ...others] = positionals;
  if (what === undefined || others.length > 0 || (action !== 'export' && action !== 'import')) {
    say(usage);
    return 2;
  }
  if (action === 'import') {
    mkdirSync(dirname(file), { recursive: true });
    const { slug } = importIntoFile(settings, readFileSync(what, 'utf8'));
    say(`${slug} is in ${file}: start the server there with the SECRET_KEY that the drop came with.`);
    return 0;
  }
  if (!existsSync(file)) throw new Error(`there is no file ${file}`);
  for (const line of exportFromFile(settings, what, Date.now())) {
    if (!process.stdout.write(line)) await once(process.stdout, 'drain');
  }
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  say(`nothing was moved: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
