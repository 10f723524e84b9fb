/** Faults of the end of a thread, and of a server that has lost one, that this house must never have, each with the tests that must notice it. */
import type { Fault } from './fault.ts';

const serverTests = ['test/reliability/process/process-faults.test.ts'];
const threadTests = ['test/unit/split/thread.test.ts'];

const swallowed = {
  file: 'src/runtime/start.ts',
  search: 'const FAULT_EXIT_CODE = 70;',
  replace: 'const FAULT_EXIT_CODE = 0;',
};

export const threadEndFaults: readonly Fault[] = [
  {
    class: 'threads that die',
    name: 'the end of a process that has lost its writer looks like a wanted one',
    patches: [swallowed],
    tests: serverTests,
    caughtBy: 'loses its writer',
  },
  {
    class: 'threads that die',
    name: 'a thread is ended while it loads native code',
    patches: [
      {
        file: 'src/split/thread.ts',
        search: 'return withNativeLock(() => super.terminate());',
        replace: 'return super.terminate();',
      },
    ],
    tests: threadTests,
    caughtBy: 'ends a thread once it has loaded',
  },
  {
    class: 'threads that die',
    name: 'the process ends while a thread loads native code',
    patches: [{ file: 'src/split/native-lock.ts', search: "process.once('exit', take);", replace: '' }],
    tests: threadTests,
    caughtBy: 'exits once its thread has loaded',
  },
  {
    class: 'threads that die',
    name: 'a thread loads native code whoever has the lock',
    patches: [
      {
        file: 'src/split/quick-thread.ts',
        search: "withNativeLock(() => new Database(':memory:').close());",
        replace: "new Database(':memory:').close();",
      },
    ],
    tests: threadTests,
    caughtBy: 'loads native code in no thread while the lock is held',
  },
  {
    class: 'out of memory',
    name: 'the end of a process whose writer ran out of memory looks like a wanted one',
    patches: [swallowed],
    tests: serverTests,
    caughtBy: 'out of memory',
  },
];
