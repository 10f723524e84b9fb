/**
 * Spares each start of workerd most of its processor time; import this before Miniflare is loaded.
 *
 * Upstream: no issue known. Miniflare writes the configuration of workerd, 4 MB of which are the
 *   Worker's code, with capnp-es into one buffer. The buffer grows by 4 KiB
 *   (`MIN_SINGLE_SEGMENT_GROWTH` in its lib/constants), and is copied each time.
 * Without it: a start takes 1.0 s of processor time in the test process instead of 0.2 (Miniflare
 *   5.20260815.0-alpha).
 * Test: any start of workerd, which fails if the constant is not found.
 * Remove it when: the buffer doubles.
 */
import { readFileSync } from 'node:fs';
import module from 'node:module';

const bundled = /\/node_modules\/miniflare\/dist\/src\/index\.js$/;
const growth = 'var MIN_SINGLE_SEGMENT_GROWTH = 4096;';
const growthBytes = 8 * 1024 * 1024;

module.registerHooks({
  load(url, context, nextLoad) {
    if (!bundled.test(url)) return nextLoad(url, context);
    const code = readFileSync(new URL(url), 'utf8');
    if (!code.includes(growth)) throw new Error(`${url} has no "${growth}" any more.`);
    const source = code.replace(growth, growth.replace('4096', String(growthBytes)));
    return { format: 'commonjs', source, shortCircuit: true };
  },
});
