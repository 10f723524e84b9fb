/** Spares Node most of what it does to import Drizzle: to be loaded before anything that imports it. */
import module from 'node:module';

/**
 * For each file of a package Node reads the package's scope anew, and with it parses the whole table of exports (`...data` in
 * lib/internal/modules/package_json_reader.js, in 24 and 26 as well). Drizzle's table has 180 KB, and some hundred of its
 * files are loaded: half a second and 190 MB in every thread. What its files import of each other is beside them and is a
 * module, so that nothing needs to be looked up. Bun has no such hooks, and does not need them.
 */
if (process.versions.bun === undefined) {
  module.registerHooks({
    resolve(specifier, context, nextResolve) {
      const { parentURL } = context;
      const isWithinDrizzle =
        specifier.startsWith('.') &&
        specifier.endsWith('.js') &&
        parentURL?.includes('/node_modules/drizzle-orm/');
      if (!isWithinDrizzle) return nextResolve(specifier, context);
      return { url: new URL(specifier, parentURL).href, format: 'module', shortCircuit: true };
    },
  });
}
