/** `npm run stampede`: runs one command; exits with 0 (done), 1 (refused) or 2 (usage error). */
import '../split/workarounds/quick-imports.ts';
import { CommanderError } from 'commander';
import { say } from './output.ts';
import { createProgram } from './program.ts';
import { Refusal, reasonOf } from './refusal.ts';

function exitCodeOf(error: unknown): number {
  // Commander has printed the error already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  say(reasonOf(error));
  return error instanceof Refusal ? error.exitCode : 1;
}

// A reader may stop early, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

// Backups and moved drops contain personal data: only this user may read the files.
process.umask(0o077);

try {
  const words = process.argv.slice(2);
  const program = await createProgram(words, (text) => void process.stderr.write(text));
  await program.parseAsync(words, { from: 'user' });
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
