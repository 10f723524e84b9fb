/** Finds the files of this program where it runs: as sources, or compiled by `npm run build`. */

/** Whether these are compiled files rather than the sources. */
export const isCompiled = !import.meta.url.endsWith('.ts');

/** Where the file that `source` names is: a compiled file lies in the folder of its source, and ends in `.js`. */
export const entryOf = (source: URL): URL =>
  isCompiled ? new URL(source.href.replace(/\.ts$/, '.js')) : source;
