/** Faults of the package's client, which make its retries unsafe or a burden, and of the single executable. */
import type { Fault } from './fault.ts';

const send = 'src/client/send.ts';
const tests = ['test/unit/client/client.test.ts'];

export const packageFaults: readonly Fault[] = [
  {
    class: 'stock, limits and money',
    name: 'the client sends a retry with another key',
    patches: [
      {
        file: send,
        search: 'const timeout = AbortSignal.timeout(patience.timeoutMs);',
        replace:
          "const timeout = AbortSignal.timeout(patience.timeoutMs); init.headers = { ...init.headers, 'idempotency-key': crypto.randomUUID().replaceAll('-', '') };",
      },
    ],
    tests,
    caughtBy: 'is sent again with the same key',
  },
  {
    class: 'overload',
    name: 'the client does not wait for as long as Retry-After says',
    patches: [{ file: send, search: ': retryAfterSeconds * 1000;', replace: ': 0;' }],
    tests,
    caughtBy: 'waits for as long as Retry-After says',
  },
  {
    class: 'stock, limits and money',
    name: 'the client repeats a payment',
    patches: [
      {
        file: 'src/client/client.ts',
        search: '{ ...patience, patienceMs: 0 }',
        replace: '{ ...patience, patienceMs: 1_000 }',
      },
    ],
    tests,
    caughtBy: 'never sends a payment twice',
  },
  {
    class: 'load test',
    name: 'a load test by the executable reads the settings of the shop',
    patches: [
      {
        file: 'src/load-test/server-under-test.ts',
        search: "? 'load-tested-server'",
        replace: "? 'start'",
      },
    ],
    tests: ['test/contract/package/binary.test.ts'],
    caughtBy: 'reads `.env` as it stands, and a load test does not',
    message: 'Command failed',
  },
];
