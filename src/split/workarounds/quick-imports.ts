/**
 * Spares Node most of its module resolution; load this before any file that imports another.
 *
 * Upstream: no issue known for this path; https://github.com/nodejs/node/pull/59086 cached its
 *   sibling (`getNearestParentPackageJSON`). For each ES module `getPackageScopeConfig` reads the
 *   scope of its package again and parses the whole package.json for it (`...data` in
 *   lib/internal/modules/package_json_reader.js). Drizzle's has 180 KB, and about a hundred of its
 *   files are loaded.
 * Without it: a thread that loads Drizzle takes 240 MiB instead of 72, and 0.96 s of processor time
 *   instead of 0.23 (Node 24.21).
 * Test: test/unit/repository/quick-imports.test.ts
 * Remove it when: the oldest supported Node parses each package.json once.
 */
import { existsSync } from 'node:fs';
import module from 'node:module';

/**
 * The files of these packages, and our own, import each other as modules by relative paths, so no
 * look-up is needed. Bun has no such hooks, and does not need them.
 */
const top = new URL('../../..', import.meta.url).href;
const packagesOfModules = /\/node_modules\/(?:drizzle-orm|hono|libphonenumber-js)\//;

// An installed copy is itself in a folder `node_modules`.
const isOwn = (url: string): boolean =>
  url.startsWith(top) && !url.includes('/node_modules/', top.length - 1);

function formatBeside(specifier: string, parentURL: string): string | null {
  if (!specifier.startsWith('.')) return null;
  if (specifier.endsWith('.ts') && isOwn(parentURL)) return 'module-typescript';
  const isModule = isOwn(parentURL) || packagesOfModules.test(parentURL);
  return specifier.endsWith('.js') && isModule ? 'module' : null;
}

if (process.versions.bun === undefined) {
  // Our files import the same packages: each is resolved once for `import` and once for `require`.
  const found = new Map<string, module.ResolveFnOutput>();
  // Each file is checked once: most are imported by several others.
  const present = new Set<string>();
  module.registerHooks({
    resolve(specifier, context, nextResolve) {
      const { parentURL = '' } = context;
      const format = formatBeside(specifier, parentURL);
      if (format !== null) {
        const { href: url } = new URL(specifier, parentURL);
        // Node handles a missing file of ours: its error names the file that imports it.
        if (!isOwn(url) || present.has(url) || existsSync(new URL(url))) {
          present.add(url);
          return { url, format, shortCircuit: true };
        }
      }
      if (specifier.startsWith('.') || !isOwn(parentURL)) return nextResolve(specifier, context);
      const key = [specifier, ...context.conditions].join(' ');
      const known = found.get(key) ?? nextResolve(specifier, context);
      found.set(key, known);
      return { ...known, shortCircuit: true };
    },
  });
}
