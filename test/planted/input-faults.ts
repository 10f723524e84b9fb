/** Mutations of how input is read: spellings that must be one, and values that must be refused. */
import type { Fault } from './fault.ts';

const typedInput = ['test/contract/typed-input.test.ts'];

export const inputFaults: readonly Fault[] = [
  {
    class: 'hostile requests and clients',
    name: 'a phone number keeps the spelling it was typed in',
    patches: [
      {
        file: 'src/http/phone.ts',
        search: '? found.number : null',
        replace: "? plain.replaceAll(' ', '') : null",
      },
    ],
    tests: typedInput,
    caughtBy: 'on node counts .4930123456 once',
  },
  {
    class: 'hostile requests and clients',
    name: 'an offset moves a time out of the years that can be sent back',
    patches: [
      {
        file: 'src/http/schema.ts',
        search: 'v.check((ms) => ms >= YEAR_1 && ms <= YEAR_9999_END,',
        replace: 'v.check((ms) => ms >= YEAR_1 || ms <= YEAR_9999_END,',
      },
    ],
    tests: ['test/contract/round-trip.test.ts'],
    caughtBy: 'on node has no place for 9999-12-31T23:59:59-23:59',
  },
  {
    class: 'hostile requests and clients',
    name: 'a name without a visible character is a name',
    patches: [
      {
        file: 'src/http/schema.ts',
        search: "(isBlank(text) ? '' : text.normalize",
        replace: "(text === '' ? '' : text.normalize",
      },
    ],
    tests: typedInput,
    caughtBy: 'on node takes',
  },
];
