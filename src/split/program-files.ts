/**
 * Finds the program's files: as sources, in a checkout's bundle, compiled by `npm run build`, or in
 * an executable.
 */
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';

/** Whether these are compiled files rather than the sources. */
const isCompiled = !import.meta.url.endsWith('.ts');
/** Whether this is an installed package or an executable, not a checkout or its bundle. */
export const isInstalled = isCompiled && !/\/\.bundle\/[^/]+\/[^/]+$/.test(import.meta.url);

/** Where Bun mounts the files of an executable (`bun build --compile`). */
const [mount] = /^.*\/(?:\$bunfs|%7EBUN|~BUN)\/root\//.exec(import.meta.url) ?? [];
/** Whether this runs in a single executable, made by `npm run build:binary`. */
export const isExecutable = mount !== undefined;

/**
 * The location of the file that `source` names. A compiled file is in the folder of its source; in
 * a bundle and in an executable all entries are in one folder, with this file. All end in `.js`.
 */
export const entryOf = (source: URL): URL =>
  isCompiled ? new URL(source.href.replace(/\.ts$/, '.js')) : source;

/** The path of a file or folder that is not a module, by its path from the top of the checkout. */
export const pathOf = (name: string): string =>
  fileURLToPath(mount === undefined ? new URL(`../../${name}`, import.meta.url) : `${mount}${name}`);

/** The environment in which an executable's `process.execPath` is a plain runtime. */
export const plainRuntime = (): NodeJS.ProcessEnv => ({ ...env, BUN_BE_BUN: '1' });
