/**
 * Finds the bundle of the server (build/server.ts): a few files instead of the hundreds that Node
 * and each of its threads would load one by one. Plain JavaScript, so that nothing is translated.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('../../', import.meta.url));
/** Contain nothing that is in the bundle. */
const otherFolders = new Set(['assets', 'cli', 'edge', 'migrations']);

/**
 * @param {string} folder
 * @returns {string[]}
 */
function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return [path];
    return otherFolders.has(entry.name) ? [] : filesIn(path);
  });
}

/**
 * The folder for the bundle of exactly these sources and packages.
 *
 * @returns {string}
 */
export function bundleFolder() {
  const lists = ['package.json', 'package-lock.json'].map((name) => join(top, name));
  const sources = ['src', 'drizzle'].flatMap((name) => filesIn(join(top, name)));
  const hash = createHash('sha256');
  for (const file of [...lists.filter((list) => existsSync(list)), ...sources.sort()]) {
    hash
      .update(`${file.slice(top.length)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  // Two levels down, as the sources are: from there, program-files.ts finds every other file.
  return join(top, '.bundle', hash.digest('hex').slice(0, 16));
}

/**
 * The path of the bundled start.ts; null if these sources have no bundle.
 *
 * @returns {string | null}
 */
export function bundledStart() {
  if (!existsSync(join(top, '.bundle'))) return null;
  const start = join(bundleFolder(), 'start.js');
  return existsSync(start) ? start : null;
}
