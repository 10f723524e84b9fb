/** Loads the commands module in the writer thread, or throws with its path and the reason. */
import { fileURLToPath } from 'node:url';
import { type CommandFunctions, openFunctions } from './command-functions.ts';
import type { CommandsModule, OpenCommands } from './commands.ts';
import type { SqliteConnection } from './connection.ts';
import { toSent } from './errors.ts';
import { systemClock } from './system-clock.ts';
import type { CommandsSource } from './writer-protocol.ts';

type Open = (connection: SqliteConnection) => OpenCommands<unknown, unknown, unknown>;
type Module = Partial<CommandsModule<unknown, unknown, unknown>> & { commands?: unknown; schema?: unknown };

/** Time for the import: a module that awaits for longer would keep the database from opening. */
const LOAD_MAX_MS = 10_000;

const pathOf = (href: string): string => (href.startsWith('file:') ? fileURLToPath(href) : href);

/** The message for a module with which a database cannot be opened. */
export const cannotBeLoaded = (href: string, reason: string): string =>
  `The commands module ${pathOf(href)} cannot be loaded: ${reason}`;

async function load(href: string): Promise<Module> {
  const late = Promise.withResolvers<never>();
  const stop = systemClock.every(LOAD_MAX_MS, () =>
    late.reject(new Error(`its import has not finished after ${LOAD_MAX_MS / 1000} s`)),
  );
  try {
    return (await Promise.race([import(href), late.promise])) as Module;
  } catch (error) {
    throw new Error(cannotBeLoaded(href, toSent(error).message));
  } finally {
    stop();
  }
}

function mustBeFunctions(commands: unknown, href: string): CommandFunctions {
  const path = pathOf(href);
  const entries = typeof commands === 'object' && commands !== null ? Object.entries(commands) : [];
  if (entries.length === 0) {
    throw new Error(`The commands module ${path} exports no commands. Add: export const commands = { … }.`);
  }
  for (const [name, command] of entries) {
    if (typeof command !== 'function') throw new Error(`${path}: commands.${name} is not a function.`);
    if (Object.prototype.toString.call(command) !== '[object Function]') {
      throw new Error(`${path}: commands.${name} is async or a generator; commands must be synchronous.`);
    }
  }
  return commands as CommandFunctions;
}

const isSchema = (schema: unknown): schema is Record<string, unknown> =>
  typeof schema === 'object' && schema !== null;

/** Imports the module before the file is touched; the result binds its commands to the writer. */
export async function loadCommands(source: CommandsSource): Promise<Open> {
  if ('functions' in source) {
    const { functions, casing } = source;
    if (functions === null) {
      return (connection) => openFunctions(connection, {}, {}) as ReturnType<Open>;
    }
    const { commands, schema } = await load(functions);
    const bound = mustBeFunctions(commands, functions);
    const config = { ...(isSchema(schema) && { schema }), ...(casing && { casing }) };
    return (connection) => openFunctions(connection, bound, config) as ReturnType<Open>;
  }
  const { openCommands } = await load(source.href);
  if (!openCommands)
    throw new Error(`The commands module ${pathOf(source.href)} does not export openCommands.`);
  return (connection) => openCommands(connection, source.options);
}
