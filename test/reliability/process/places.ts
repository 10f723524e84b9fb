/** The places where a patched server can die, fail or stall; otherwise it is the real one. */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { copyPatched, folderForCopy, type Patch } from '../../support/patched-copy.ts';

const pass = (place: string): string => `globalThis.passFaultPlace?.('${place}');`;

interface Place {
  file: string;
  /** A text that occurs in the file exactly once. */
  text: string;
  before?: string;
  after?: string;
}

const places: readonly Place[] = [
  {
    file: 'src/split/group-commit.ts',
    text: '        const hasForeign = hasForeignCommit();',
    before: pass('after BEGIN'),
  },
  {
    file: 'src/split/group-commit.ts',
    text: '    commit.run();\n    const endedMs = monotonicMs();',
    before: pass('before COMMIT'),
    after: pass('after COMMIT'),
  },
  {
    file: 'src/split/linked-split.ts',
    text: "      case 'committed':",
    after: pass('the answer is on the HTTP side'),
  },
  {
    file: 'src/http/purchase.ts',
    text: '    const order = orderJson(outcome.order, drop, ids);',
    after: pass('before the response'),
  },
  {
    file: 'src/http/purchase.ts',
    text: '    const drop = db.snapshot.find(body.dropId);',
    before: pass('a purchase begins'),
  },
  {
    file: 'src/split/checkpoint-thread.ts',
    text: '  copyIfSpace(connection, () => copy.get());',
    before: pass('a checkpoint copies'),
    after: pass('a checkpoint has copied'),
  },
  {
    file: 'src/split/checkpoint.ts',
    text: '        copyIfSpace(connection, () => passive.get());',
    before: pass('before the tail of a checkpoint'),
    after: pass('after the tail of a checkpoint'),
  },
  {
    file: 'src/database/sqlite/backup.ts',
    text: "    live.prepare('vacuum into ?').run(partial);",
    before: pass('a backup copies'),
    after: pass('a backup has copied'),
  },
  {
    file: 'src/database/sqlite/backup.ts',
    text: '    renameSync(partial, path);',
    before: pass('before a backup gets its name'),
    after: pass('after a backup got its name'),
  },
  {
    file: 'src/background/refund-sender.ts',
    text: "    if (begun.kind !== 'done') return false;",
    after: pass('a refund is begun'),
  },
  {
    file: 'src/background/refund-sender.ts',
    text: "    await db.submit({ kind: 'finishRefund', refundId, ...result });",
    before: pass('the provider has answered'),
    after: pass('a refund is finished'),
  },
  {
    file: 'src/database/sqlite/long-reads.ts',
    text: '            const part = await read.next();',
    after: pass('an export streams'),
  },
];

const limits = '/** Every limit with its unit';
const program = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const others: readonly Patch[] = [
  {
    // Every thread imports the limits. Preloading does not work: Bun's threads start before it.
    file: 'src/limits.ts',
    search: limits,
    replace: [
      `import ${JSON.stringify(program('fault-place.ts'))};`,
      `import ${JSON.stringify(program('moving-clock.ts'))};`,
      limits,
    ].join('\n'),
  },
  {
    file: 'src/split/group-commit.ts',
    search: 'batch.map((command) => runIn(scope, command));',
    replace: `batch.map((command) => {
      if (command !== batch[0]) ${pass('between two commands')}
      return runIn(scope, command);
    });`,
  },
  {
    file: 'src/split/migrate.ts',
    search: 'for (const statement of statements) connection.exec(statement);',
    replace: `for (const statement of statements) { ${pass('a statement of a migration')} connection.exec(statement); }`,
  },
  {
    file: 'src/split/migrate.ts',
    search: '      note.run(hash, when);\n',
    replace: `      ${pass('a statement of a migration')}\n      note.run(hash, when);\n      ${pass('a statement of a migration')}\n`,
  },
  {
    file: 'src/split/writer-links.ts',
    search: '      if (batch) this.#around.onBatch(batch);',
    replace: `      if (batch) globalThis.passFaultPlace?.('the writer gets a batch') ?? this.#around.onBatch(batch);`,
  },
  {
    file: 'src/split/writer-host.ts',
    search: "  let state: 'loading' | 'opening' | 'open' | 'ended' = 'loading';",
    replace:
      "  globalThis.faultThread = thread;\n  let state: 'loading' | 'opening' | 'open' | 'ended' = 'loading';",
  },
  {
    // The provider's record of refund requests by key.
    file: 'src/payments/sandbox.ts',
    search: "    async refund() {\n      return { kind: 'sent' };",
    replace: `    async refund({ key, isRepeated }) {
      const { appendFileSync } = await import('node:fs');
      if (process.env.REFUND_BOOKS) appendFileSync(process.env.REFUND_BOOKS, JSON.stringify({ key, isRepeated }) + '\\n');
      return { kind: 'sent' };`,
  },
];

/** In this order: a patch may add text that a later one of the same file would match. */
export const placePatches: readonly Patch[] = [
  ...places.map(({ file, text, before = '', after = '' }) => ({
    file,
    search: text,
    replace: [before, text, after].join('\n'),
  })),
  ...others,
];

/** Fills a folder with the source, patched at every place. */
export const copyWithPlaces = (folder: string): void =>
  copyPatched(folder, ['src', 'drizzle', 'package.json'], placePatches);

/** The same copy for each server that is to meet a fault; the first request creates it. */
let patched: string | undefined;

/** A patched copy of the source, deleted when the process ends. */
export function patchedRoot(): string {
  if (patched !== undefined) return patched;
  const folder = folderForCopy();
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  copyWithPlaces(folder);
  patched = folder;
  return folder;
}

export type Act = 'kill' | 'kill soon' | 'stall' | 'hoard' | 'throw' | 'exit' | 'terminate';

export interface FaultAt {
  place: string;
  act: Act;
  /** The first passage when absent. */
  passage?: number;
  /** Created when the stall begins; the stall lasts until its removal. */
  stallFile?: string;
  /** Only in an HTTP thread other than the main one. */
  isBeside?: boolean;
}

/** The environment of a patched server that meets a fault. */
export const faultEnvironment = ({ place, act, passage = 1, stallFile, isBeside }: FaultAt) => ({
  FAULT_PLACE: place,
  FAULT_ACT: act,
  FAULT_PASSAGE: String(passage),
  ...(stallFile !== undefined && { FAULT_STALL_FILE: stallFile }),
  ...(isBeside && { FAULT_BESIDE: 'yes' }),
});
