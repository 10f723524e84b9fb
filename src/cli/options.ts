/** Options that several commands share, with their environment variables. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type ConnectionSettings, openReader, type SqliteConnection } from '../split/connection.ts';
import { lockOtherNames } from '../split/other-names.ts';
import { Refusal } from './refusal.ts';

/** An empty variable counts as absent, as for the server. */
export const fromEnvironment = (name: string): string | undefined => process.env[name] || undefined;

export interface FileOptions {
  file: string;
}

export const databaseFile = (): string => fromEnvironment('DATABASE_FILE') ?? 'data/stampede.db';

export const withFile = (command: Command): Command =>
  command.addOption(new Option('--file <file>', 'the database file (DATABASE_FILE)').default(databaseFile()));

export const withJson = (command: Command): Command => command.option('--json', 'print only JSON to stdout');

/** Parses a whole number within bounds, for Commander. */
export const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Must be a whole number from ${min} to ${max}.`);
  };

export const connectionTo = (file: string): ConnectionSettings => ({
  file,
  busyTimeoutMs: 5_000,
  synchronous: 'FULL',
});

/** SECRET_KEY, or the key that `npm run dev` created for this file. */
export function secretKeyOf(file: string): string | undefined {
  const given = fromEnvironment('SECRET_KEY');
  if (given !== undefined) return given;
  try {
    return JSON.parse(readFileSync(`${file}.secrets.json`, 'utf8')).SECRET_KEY;
  } catch {
    return undefined;
  }
}

/** Throws a `Refusal` if the file does not exist. */
export function mustExist(file: string): void {
  if (!existsSync(file))
    throw new Refusal(`${file} does not exist. Start the server once, or name another file.`);
}

/**
 * Opens the database read-only and passes the connection to `read`. Throws if a server may have it
 * open under another name (hard link), because the last orders are in that name's WAL.
 */
export function reading<T>(file: string, read: (connection: SqliteConnection) => T): T {
  const release = existsSync(file) ? lockOtherNames(realpathSync(file)) : () => undefined;
  try {
    const connection = openReader(connectionTo(file));
    try {
      return read(connection);
    } finally {
      connection.close();
    }
  } finally {
    release();
  }
}
