/** Logs each command that the database has refused, so that the operator can find its cause. */
import type { Command } from '../domain/command.ts';
import type { Log } from '../log.ts';

/** Logs only the constraint, because the values may be personal data. */
export const logFailedCommands =
  (log: Log) =>
  (command: Command['kind'], reason: string): void =>
    log.error({ command, reason }, 'a command failed: the database refuses one of its values');
