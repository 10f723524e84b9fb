/** Loads the commands module in the writer's thread, or throws with its path and what is wrong with it. */
import { fileURLToPath } from 'node:url';
import { type CommandFunctions, openFunctions } from './command-functions.ts';
import type { CommandsModule, OpenCommands } from './commands.ts';
import type { SqliteConnection } from './connection.ts';
import type { CommandsSource } from './writer-protocol.ts';

type Open = (connection: SqliteConnection) => OpenCommands<unknown, unknown, unknown>;
type Module = Partial<CommandsModule<unknown, unknown, unknown>> & { commands?: unknown; schema?: unknown };

const pathOf = (href: string): string => (href.startsWith('file:') ? fileURLToPath(href) : href);

async function load(href: string): Promise<Module> {
  try {
    return (await import(href)) as Module;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The commands module ${pathOf(href)} cannot be loaded: ${reason}`);
  }
}

function mustBeFunctions(commands: unknown, href: string): CommandFunctions {
  const path = pathOf(href);
  const entries = typeof commands === 'object' && commands !== null ? Object.entries(commands) : [];
  if (entries.length === 0) {
    throw new Error(`The commands module ${path} exports no commands: export const commands = { … }.`);
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

/** Imports the module before the file is touched; what it returns binds the commands to the writer's connection. */
export async function loadCommands(source: CommandsSource): Promise<Open> {
  if ('functions' in source) {
    const { functions } = source;
    if (functions === null) {
      return (connection) => openFunctions(connection, {}, undefined) as ReturnType<Open>;
    }
    const { commands, schema } = await load(functions);
    const bound = mustBeFunctions(commands, functions);
    return (connection) =>
      openFunctions(connection, bound, isSchema(schema) ? schema : undefined) as ReturnType<Open>;
  }
  const { openCommands } = await load(source.href);
  if (!openCommands)
    throw new Error(`The commands module ${pathOf(source.href)} does not export openCommands.`);
  return (connection) => openCommands(connection, source.options);
}
