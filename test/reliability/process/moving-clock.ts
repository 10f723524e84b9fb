/**
 * Loaded by a patched server in each of its threads: a file sets the offset of its wall clock in
 * milliseconds.
 */
import { openSync, readSync } from 'node:fs';

const RealDate = Date;
const file = process.env.CLOCK_FILE;

function moveBy(file: string): void {
  const descriptor = openSync(file, 'r');
  const bytes = Buffer.alloc(32);
  const now = (): number => {
    const read = readSync(descriptor, bytes, 0, bytes.length, 0);
    return RealDate.now() + Number(bytes.toString('latin1', 0, read));
  };
  // Every other use reaches the real Date.
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new RealDate(now()).toString(),
    get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
  });
}

if (file !== undefined) moveBy(file);
