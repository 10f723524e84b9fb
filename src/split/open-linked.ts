/** The split on further threads: each has its own readers, and all share one writer. */
import { MessagePort } from 'node:worker_threads';
import type { CommandFunctions } from './command-functions.ts';
import { closable, type LinkedHandle, openHandle, type UntypedCommands } from './split-handle.ts';
import type { SplitLink } from './split-link.ts';
import { checkBy, type Rule, type SplitOptions, threadDefaults, threadRules } from './split-options.ts';

type Schema = Record<string, unknown>;
type ThreadOption = 'schema' | 'logger' | 'readers' | 'onSlowTransaction' | 'onFault';

/** The options of `openLinked`; those of the file and the queue come with the link. */
export interface LinkedOptions<S extends Schema>
  extends Pick<SplitOptions<S, CommandFunctions>, ThreadOption> {
  /** What `db.link()` returned on the thread of `openSplit`. */
  link: SplitLink;
}

const isLink = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'port' in value && value.port instanceof MessagePort;
const rules: Record<string, Rule> = {
  link: (value) => (isLink(value) ? null : 'must be what db.link() returned, with its port transferred'),
  ...threadRules,
};

/**
 * Opens the split on another thread of the process, with the writer that `openSplit` has started.
 * The handle is the same: after a write resolves on one thread, the next read on every thread sees
 * it. `queueMax` and `deadlineMs` apply to each thread. Close it before the handle of `openSplit`.
 * Rejects with a `TypeError` that names a wrong option, or with a `DatabaseClosedError` if the
 * writer is closed.
 *
 * @example
 * // The main thread:
 * const link = db.link();
 * const options = { workerData: link, transferList: [link.port] };
 * new Worker(new URL('./worker.ts', import.meta.url), options);
 * // worker.ts:
 * type Commands = typeof import('./commands.ts').commands;
 * const db = await openLinked<typeof schema, Commands>({ link: workerData, schema });
 */
export async function openLinked<S extends Schema, C extends CommandFunctions = UntypedCommands>(
  options: LinkedOptions<S>,
): Promise<LinkedHandle<S, C>> {
  const checked = checkBy(rules, ['link', 'schema'], options, threadDefaults, 'openLinked');
  const { link, ...settings } = checked as unknown as Required<LinkedOptions<S>>;
  const { db, linked } = await openHandle<S, C>({ ...settings, ...link }, link);
  const close = () => linked.close(link.queue.deadlineMs, async () => undefined);
  return closable(db, close) as LinkedHandle<S, C>;
}
