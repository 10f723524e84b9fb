/** The options that several commands share, with what the environment says in their place. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type ConnectionSettings, openReader, type SqliteConnection } from '../split/connection.ts';
import { lockOtherNames } from '../split/other-names.ts';
import { Refusal } from './refusal.ts';

/** An empty variable counts as absent, as it does for the server. */
export const fromEnvironment = (name: string): string | undefined => process.env[name] || undefined;

export interface FileOptions {
  file: string;
}

export const databaseFile = (): string => fromEnvironment('DATABASE_FILE') ?? 'data/stampede.db';

export const withFile = (command: Command): Command =>
  command.addOption(new Option('--file <file>', 'the database file (DATABASE_FILE)').default(databaseFile()));

export const withJson = (command: Command): Command =>
  command.option('--json', 'print JSON, and nothing else, to stdout');

/** For commander: a whole number within its bounds. */
export const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };

export const connectionTo = (file: string): ConnectionSettings => ({
  file,
  busyTimeoutMs: 5_000,
  synchronous: 'FULL',
});

/** SECRET_KEY, or the one that `npm run dev` has made for this file. */
export function secretKeyOf(file: string): string | undefined {
  const given = fromEnvironment('SECRET_KEY');
  if (given !== undefined) return given;
  try {
    return JSON.parse(readFileSync(`${file}.secrets.json`, 'utf8')).SECRET_KEY;
  } catch {
    return undefined;
  }
}

/** Refuses where there is no such file. */
export function mustExist(file: string): void {
  if (!existsSync(file)) throw new Refusal(`${file} is not there: start the server once, or name the file.`);
}

/**
 * Lends a read-only connection to the database. Throws where a server may have it under another name (hard link): the last orders
 * are in the log of that name.
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
