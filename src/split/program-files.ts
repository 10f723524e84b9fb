/** Finds the files of this program where it runs: as sources, compiled by `npm run build`, or in a single executable. */
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';

/** Whether these are compiled files rather than the sources. */
export const isCompiled = !import.meta.url.endsWith('.ts');

/** Where Bun mounts the files of an executable (`bun build --compile`). */
const [mount] = /^.*\/(?:\$bunfs|%7EBUN|~BUN)\/root\//.exec(import.meta.url) ?? [];
/** Whether this runs in a single executable, made by `npm run build:binary`. */
export const isExecutable = mount !== undefined;

/**
 * Where the file that `source` names is. A compiled file lies in the folder of its source; in an executable all entries lie in
 * one folder, where this file is too. Both end in `.js`.
 */
export const entryOf = (source: URL): URL =>
  isCompiled ? new URL(source.href.replace(/\.ts$/, '.js')) : source;

/** The path of a file or folder that is no module, by its path from the top of the checkout. */
export const pathOf = (name: string): string =>
  fileURLToPath(mount === undefined ? new URL(`../../${name}`, import.meta.url) : `${mount}${name}`);

/** The environment of a process that runs `process.execPath` as a plain runtime: an executable runs its own program otherwise. */
export const plainRuntime = (): NodeJS.ProcessEnv => ({ ...env, BUN_BE_BUN: '1' });
