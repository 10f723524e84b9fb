/** Faults of several HTTP threads on one writer that this house must never have, each with the tests that must notice it. */
import type { Fault } from './fault.ts';

const store = 'src/database/sqlite/open-database.ts';
const links = 'src/split/writer-links.ts';
const tests = ['test/unit/database/sqlite/linked-stores.test.ts'];

export const threadFaults: readonly Fault[] = [
  {
    class: 'several HTTP threads',
    name: 'a thread does not take in what another one has committed before it reads',
    patches: [
      {
        file: 'src/split/linked-split.ts',
        search: 'while (this.#seenCommit !== Atomics.load(this.#lastCommit, 0)) {',
        replace: 'while (this.#seenCommit > Atomics.load(this.#lastCommit, 0)) {',
      },
    ],
    tests,
    caughtBy: 'show what the other one has answered',
  },
  {
    class: 'several HTTP threads',
    name: 'the other threads are not told of a commit',
    patches: [
      {
        file: links,
        search: 'const commit = isAlone ? this.#next() : this.broadcast(news);',
        replace: 'const commit = this.#next();',
      },
    ],
    tests,
    caughtBy: 'show what the other one has answered',
  },
  {
    class: 'several HTTP threads',
    name: 'threads that share a commit get the answers of the first one',
    patches: [{ file: links, search: 'from += commands.length;', replace: '' }],
    // Whether stores meet in one commit is a matter of luck: here they do by construction.
    tests: ['test/unit/split/writer-links.test.ts'],
    caughtBy: 'the outcomes of their own commands',
  },
  {
    class: 'linearizable histories',
    name: 'who has bought may read what was before it',
    patches: [
      {
        file: store,
        search: '      for (const change of news.changes) snapshot.apply(change);',
        replace: '    setTimeout(() => { for (const change of news.changes) snapshot.apply(change); }, 20);',
      },
    ],
    tests: ['test/reliability/history/history.test.ts'],
    caughtBy: 'gives back and reads',
  },
];
