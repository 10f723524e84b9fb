/** Logs each command that the database has refused: an operator must look at what sent it. */
import type { Command } from '../domain/command.ts';
import type { Log } from '../log.ts';

/** Logs the constraint alone, because the values may be personal data. */
export const logFailedCommands =
  (log: Log) =>
  (command: Command['kind'], reason: string): void =>
    log.error({ command, reason }, 'a command failed: the database refuses one of its values');
