/** `npm run stampede`: reads the command line, runs one command, and ends with 0 (done), 1 (refused) or 2 (misused). */
import '../split/quick-imports.ts';
import { CommanderError } from 'commander';
import { say } from './output.ts';
import { createProgram } from './program.ts';
import { Refusal, reasonOf } from './refusal.ts';

function exitCodeOf(error: unknown): number {
  // It has said what is wrong itself.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  say(reasonOf(error));
  return error instanceof Refusal ? error.exitCode : 1;
}

// Whoever reads no further, as `head` does, has what he wants.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

// Backups and moved drops hold names and addresses: what a command writes is for its user alone.
process.umask(0o077);

try {
  const words = process.argv.slice(2);
  const program = await createProgram(words, (text) => void process.stderr.write(text));
  await program.parseAsync(words, { from: 'user' });
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
