/** The options of `openSplit`: their defaults, and the rule of each, which a refusal names. */
import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Logger } from 'drizzle-orm/logger';
import type { CommandFunctions } from './command-functions.ts';
import type { Synchronous } from './connection.ts';
import { TRANSACTION_TIMEOUT_MS } from './limits.ts';

/** A commands module's URL that carries the types of its functions; `commandsOf` makes it. */
export interface CommandsUrl<C extends CommandFunctions> extends URL {
  /** For the types only; never set. */
  readonly commands?: C;
}

export interface SplitOptions<S extends Record<string, unknown>, C extends CommandFunctions> {
  /** The path of the database file. Its folder must exist; a missing file is created. */
  file: string;
  /** Drizzle's schema: `import * as schema from './schema.ts'`. */
  schema: S;
  /**
   * How Drizzle names columns that have no name of their own, on readers, on the writer and in
   * commands. Default: as their keys.
   */
  casing?: 'snake_case' | 'camelCase';
  /**
   * Drizzle's logger for the queries of this thread; `true` writes to the console. Commands run in
   * another thread, and log there.
   */
  logger?: boolean | Logger;
  /**
   * A folder of drizzle-kit's migrations, applied before this resolves. Without one, the
   * application manages the schema.
   */
  migrationsFolder?: string;
  /**
   * Read-only connections that may be open at the same time, 1 to 1,000: one for the calling
   * thread, and one for each thread of `db.parallel`, of which at most as many run as there are
   * cores. With 1, those reads run on the calling thread. Default: 100.
   */
  readers?: number;
  /**
   * `FULL` (default): a write resolves after its fsync, and survives a power loss. `NORMAL`: it
   * survives a crash of the process, but a power loss may take the last commits.
   */
  synchronous?: Synchronous;
  /**
   * Milliseconds that a connection waits for another program's lock, 0 to 60,000. Default: 5,000.
   */
  busyTimeoutMs?: number;
  /**
   * Writes that may wait, and reads of `db.parallel`, 1 to 1,000,000 each; further ones are refused
   * as overloaded. Default: 10,000.
   */
  queueMax?: number;
  /**
   * Milliseconds that a write, or a read of `db.parallel`, may wait before it is refused as
   * overloaded, 10 to 60,000. Default: 5,000.
   */
  deadlineMs?: number;
  /**
   * Writes that may share a commit and its fsync, 1 to 10,000, and at most `queueMax`. Default:
   * 256, or `queueMax`.
   */
  batchMax?: number;
  /**
   * Milliseconds after which an open `transaction` is rolled back, 10 to 60,000. Default: 2,000.
   */
  transactionTimeoutMs?: number;
  /** The commands module: `new URL('./commands.ts', import.meta.url)`, typed by `commandsOf`. */
  commands?: CommandsUrl<C>;
  /**
   * Called with each transaction that kept other writes waiting for more than 250 ms. Default: a
   * process warning.
   */
  onSlowTransaction?: (tookMs: number) => void;
  /**
   * Called at most once, when the writer is lost: every write is refused from then on. Default: a
   * process warning.
   */
  onFault?: (reason: string) => void;
}

type Options = SplitOptions<Record<string, unknown>, CommandFunctions>;
/** Every option with its value. */
export type CheckedOptions = Required<
  Omit<Options, 'schema' | 'casing' | 'logger' | 'migrationsFolder' | 'commands'>
> & {
  casing: 'snake_case' | 'camelCase' | null;
  migrationsFolder: string | null;
  commands: string | null;
};

/** The defaults of the options that every thread of the split has. */
export const threadDefaults = {
  readers: 100,
  onSlowTransaction: (tookMs: number) =>
    process.emitWarning(
      `A transaction kept every other write waiting for ${Math.round(tookMs)} ms.`,
      'SlowTransaction',
    ),
  onFault: (reason: string) => process.emitWarning(`The database failed: ${reason}`, 'SplitFault'),
} as const;

const defaults = {
  ...threadDefaults,
  synchronous: 'FULL',
  busyTimeoutMs: 5_000,
  queueMax: 10_000,
  deadlineMs: 5_000,
  batchMax: 256,
  transactionTimeoutMs: TRANSACTION_TIMEOUT_MS,
} as const;

/** Returns what a value must be; null if it is valid. */
export type Rule = (value: unknown) => string | null;
const rule =
  (isValid: (value: unknown) => boolean, text: string): Rule =>
  (value) =>
    isValid(value) ? null : text;
const whole = (min: number, max: number): Rule =>
  rule(
    (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
    `must be a whole number from ${min} to ${max}`,
  );
const isFilePath = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && !/^(?::memory:$|file:)|\0/i.test(value);
const isFolderThere = (value: unknown): boolean =>
  statSync(dirname(resolve(String(value))), { throwIfNoEntry: false })?.isDirectory() === true;
const hasJournal = (value: unknown): boolean =>
  typeof value === 'string' && existsSync(join(value, 'meta', '_journal.json'));

/** The rules of the options that every thread of the split has. */
export const threadRules = {
  schema: rule(
    (value) => typeof value === 'object' && value !== null,
    "must be Drizzle's schema: import * as schema",
  ),
  logger: rule(
    (value) => typeof value === 'boolean' || typeof (value as Logger | null)?.logQuery === 'function',
    'must be true, false, or an object with logQuery(query, params)',
  ),
  readers: whole(1, 1_000),
  onSlowTransaction: rule((value) => typeof value === 'function', 'must be a function'),
  onFault: rule((value) => typeof value === 'function', 'must be a function'),
} satisfies Record<string, Rule>;

const rules: Record<keyof Options, Rule> = {
  file: (value) => {
    if (!isFilePath(value)) return 'must be the path of a file, not a URI and not :memory:';
    // The driver cuts off spaces, and would open another file than the one that is locked and
    // watched.
    if (resolve(value) !== resolve(value).trim()) return 'must not end with white space';
    return rule(isFolderThere, 'must be in a folder that exists')(value);
  },
  schema: threadRules.schema,
  casing: rule(
    (value) => value === 'snake_case' || value === 'camelCase',
    "must be 'snake_case' or 'camelCase'",
  ),
  logger: threadRules.logger,
  migrationsFolder: rule(hasJournal, 'must be a folder of drizzle-kit that contains meta/_journal.json'),
  readers: threadRules.readers,
  synchronous: rule((value) => value === 'FULL' || value === 'NORMAL', "must be 'FULL' or 'NORMAL'"),
  busyTimeoutMs: whole(0, 60_000),
  queueMax: whole(1, 1_000_000),
  deadlineMs: whole(10, 60_000),
  batchMax: whole(1, 10_000),
  transactionTimeoutMs: whole(10, 60_000),
  commands: rule((value) => value instanceof URL, "must be a URL: new URL('./commands.ts', import.meta.url)"),
  onSlowTransaction: threadRules.onSlowTransaction,
  onFault: threadRules.onFault,
};

const shown = (value: unknown): string => {
  if (typeof value === 'string') return `'${value}'`;
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
};

/**
 * Throws a `TypeError` that names the first wrong option and its rule; `required` options are
 * checked even if they are missing.
 */
export function checkBy(
  rules: Record<string, Rule>,
  required: readonly string[],
  options: object,
  defaults: object,
  caller: string,
): Record<string, unknown> {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`${caller} takes an object of options, not ${shown(options)}.`);
  }
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(rules, name)) continue;
    throw new TypeError(`${caller} has no option ${name}; it has: ${Object.keys(rules).join(', ')}.`);
  }
  const values: Record<string, unknown> = { ...defaults, ...given };
  for (const [name, check] of Object.entries(rules)) {
    if (!(name in values) && !required.includes(name)) continue;
    const broken = check(values[name]);
    if (broken !== null) throw new TypeError(`${caller}: ${name} ${broken}, not ${shown(values[name])}.`);
  }
  return values;
}

/** Every option with its value. Throws a `TypeError` that names a wrong option and its rule. */
export function checkOptions(options: object): CheckedOptions {
  const { batchMax: batchMaxDefault, ...others } = defaults;
  const values = checkBy(rules, ['file', 'schema'], options, others, 'openSplit');
  values.batchMax ??= Math.min(batchMaxDefault, Number(values.queueMax));
  const checked = values as unknown as CheckedOptions & Options;
  if (checked.batchMax > checked.queueMax) {
    throw new TypeError(
      `openSplit: batchMax must not exceed queueMax (${checked.queueMax}): a batch is taken from the queue.`,
    );
  }
  const { casing = null, migrationsFolder, commands } = checked as Options;
  return {
    ...checked,
    file: resolve(checked.file),
    casing,
    migrationsFolder: migrationsFolder === undefined ? null : resolve(migrationsFolder),
    commands: commands?.href ?? null,
  };
}
