/** Keys of operators' writes: what makes a repeated write happen once, each undone once, with the test that must notice it. */
import type { Fault } from './fault.ts';

const apply = 'src/commands/operator-keys.ts';
const contract = ['test/contract/operator-keys.test.ts'];
const unit = ['test/unit/commands/operator-keys.test.ts'];

export const operatorKeyFaults: readonly Fault[] = [
  {
    class: 'stock, limits and money',
    name: 'a repeated restock adds its units again',
    patches: [{ file: apply, search: 'if (!known) return null;', replace: 'if (known) return null;' }],
    tests: contract,
    caughtBy: 'on node adds the units of a restock once',
  },
  {
    class: 'stock, limits and money',
    name: 'an operator’s key belongs to any request',
    patches: [
      { file: apply, search: 'known.fingerprint !== fingerprint', replace: "known.fingerprint === ''" },
    ],
    tests: contract,
    caughtBy: 'on node belongs to one request',
  },
  {
    class: 'stock, limits and money',
    name: 'an operator’s key belongs to every operator',
    patches: [{ file: 'src/http/operator-key.ts', search: 'actor} $', replace: "''} $" }],
    tests: contract,
    caughtBy: 'on node belongs to one operator',
  },
  {
    class: 'stock, limits and money',
    name: 'a refused write uses up its key',
    patches: [
      {
        file: apply,
        search: "outcome.kind !== 'done' && outcome.kind !== 'drop_saved'",
        replace: "outcome.kind === ''",
      },
    ],
    tests: unit,
    caughtBy: 'a refusal keeps no key',
  },
  {
    class: 'stock, limits and money',
    name: 'an operator’s key is remembered for ever',
    patches: [
      {
        file: apply,
        search: 'before: journal.now - OPERATOR_KEY_AGE_MS',
        replace: 'before: 0 * OPERATOR_KEY_AGE_MS',
      },
    ],
    tests: unit,
    caughtBy: 'expired keys are removed',
  },
  {
    class: 'stock, limits and money',
    name: 'a refund is retried once more for each repetition',
    patches: [
      {
        file: 'src/http/admin-refunds.ts',
        search: "kind: 'retryRefund', actor, refundId, ...once",
        replace: "kind: 'retryRefund', actor, refundId",
      },
    ],
    tests: contract,
    caughtBy: 'on node does its retry once',
  },
  {
    class: 'edge runtime',
    name: 'an edit that is repeated late undoes a later one, in an object',
    patches: [
      {
        file: 'src/http/admin-drops.ts',
        search: 'edit: edit as DropEdit, ...once',
        replace: 'edit: edit as DropEdit',
      },
    ],
    tests: contract,
    caughtBy: 'on workerd does not undo a later edit by a late retry',
  },
  {
    class: 'edge runtime',
    name: 'a repeated restock of a drop with shards looks like a new one',
    patches: [
      {
        file: 'src/edge/front/front.ts',
        search: 'isReplay(answer));',
        replace: 'false);',
      },
    ],
    tests: ['test/edge/shards.test.ts'],
    caughtBy: 'does a restock that adds units once',
  },
  {
    class: 'stock, limits and money',
    name: 'a double click on a form of the dashboard does it twice',
    patches: [
      {
        file: 'src/http/dashboard/api.ts',
        search: "...(key && { 'idempotency-key': key }),",
        replace: '',
      },
    ],
    tests: ['test/contract/dashboard-twice.test.ts'],
    caughtBy: 'on node restocks once by a double click',
  },
  {
    class: 'stock, limits and money',
    name: 'a form whose outcome is unknown comes back with a new key',
    patches: [
      { file: 'src/http/dashboard/page-request.ts', search: ": ['csrf']);", replace: ": ['csrf', 'key']);" },
    ],
    tests: ['test/contract/dashboard-twice.test.ts'],
    caughtBy: 'on node that was refused keeps its key',
  },
  {
    class: 'stock, limits and money',
    name: 'the command line does not send the key of a write',
    patches: [
      {
        file: 'src/cli/server.ts',
        search: "...(key !== undefined && { 'idempotency-key': key }),",
        replace: '',
      },
    ],
    tests: ['test/contract/cli-keys.test.ts'],
    caughtBy: 'on node creates, edits, restocks and closes a drop once',
  },
  {
    class: 'stock, limits and money',
    name: 'the command line names no key where the answer is lost',
    patches: [{ file: 'src/cli/server.ts', search: 'retry}`);', replace: "''}`);" }],
    tests: ['test/contract/cli-keys.test.ts'],
    caughtBy: 'on node is printed where the answer is lost',
  },
  {
    class: 'hostile requests and clients',
    name: 'the command line sends a key of any form',
    patches: [{ file: 'src/cli/server.ts', search: '!clientKeyForm.test(text)', replace: "text === ''" }],
    tests: ['test/unit/cli/misuse.test.ts'],
    caughtBy: 'drops restock spring one 1 --key restock',
  },
  {
    class: 'edge runtime',
    name: 'an object forgets the keys of operators when it restarts',
    patches: [
      {
        file: 'src/edge/object/drop-object.ts',
        search: '    await migrate(drizzle(storage), migrations);',
        replace:
          "    await migrate(drizzle(storage), migrations);\n    storage.sql.exec('delete from operator_keys');",
      },
    ],
    tests: ['test/edge/killed-crowd.test.ts'],
    caughtBy: 'with drops of 1 shard',
  },
];
