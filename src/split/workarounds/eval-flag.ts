/**
 * Starts threads also in a process that was started with a program in its arguments
 * (`node --input-type=module -e …`).
 *
 * Upstream: https://github.com/nodejs/node/issues/41103 (open): a thread inherits the options of
 *   its process, and refuses this one for an entry that is a file (ERR_INPUT_TYPE_NOT_ALLOWED).
 * Without it: `openSplit` of the installed package fails in such a process (Node 24.21).
 * Test: test/unit/split/open-split.test.ts
 * Remove it when: a thread ignores the options that apply to its process only.
 */

const isForText = (argument: string): boolean => argument.startsWith('--input-type');

/** The options of a thread with a file as its entry: none, where the process has that one. */
export const threadOptions = (): { execArgv?: string[] } =>
  process.execArgv.some(isForText) ? { execArgv: [] } : {};
