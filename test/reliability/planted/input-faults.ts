/** Mutations of how input is read: spellings that must be one, and values that must be refused. */
import type { Fault } from './fault.ts';

const methods = ['test/contract/methods.test.ts'];
const typedInput = ['test/contract/typed-input.test.ts'];

export const inputFaults: readonly Fault[] = [
  {
    class: 'hostile requests and clients',
    name: 'a phone number keeps the spelling it was typed in',
    patches: [
      {
        file: 'src/http/phone.ts',
        search: '? number : null',
        replace: "? plain.replaceAll(' ', '') : null",
      },
    ],
    tests: typedInput,
    caughtBy: 'on node counts .4930123456 once',
  },
  {
    class: 'hostile requests and clients',
    name: 'a national prefix is kept where the library takes it for a digit',
    patches: [
      {
        file: 'src/http/phone.ts',
        search: 'if (marked.test(text)) return',
        replace: "if (text === '') return",
      },
    ],
    tests: ['test/unit/http/phone.test.ts'],
    caughtBy: 'a national prefix is dropped, or the number is refused: .CC .0. NSN',
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
    caughtBy: 'on node rejects the time 9999-12-31T23:59:59-23:59',
  },
  {
    class: 'hostile requests and clients',
    name: 'a name without a visible character is a name',
    patches: [
      {
        file: 'src/http/schema.ts',
        search: "(isBlank(text) ? '' : undisguised",
        replace: "(text === '' ? '' : undisguised",
      },
    ],
    tests: typedInput,
    caughtBy: 'on node takes',
  },
  {
    class: 'hostile requests and clients',
    name: 'a stranger learns which methods an operator’s path has',
    patches: [
      {
        file: 'src/http/admin-routes.ts',
        search: 'return operator instanceof Response ? operator : unanswered(c);',
        replace: "return c.req.method === 'GET' ? (operator as Response) : unanswered(c);",
      },
    ],
    tests: methods,
    caughtBy: 'on node /admin/drops lists its methods',
  },
  {
    class: 'hostile requests and clients',
    name: 'HTTP/1.0 needs a Host',
    patches: [{ file: 'src/runtime/node.ts', search: '    hostname: NO_HOST,\n', replace: '' }],
    tests: methods,
    caughtBy: 'on node HTTP/1.0 without a Host gets /readyz',
  },
  {
    class: 'hostile requests and clients',
    name: 'the first of two Hosts counts',
    patches: [{ file: 'src/runtime/node.ts', search: ', joinDuplicateHeaders: true', replace: '' }],
    tests: methods,
    caughtBy: 'on node one Host is not two',
  },
  {
    class: 'hostile requests and clients',
    name: 'Bun serves the first of two Hosts',
    patches: [
      { file: 'src/runtime/bun.ts', search: " && headers.get('host')?.includes(',') !== true", replace: '' },
      { file: 'src/runtime/bun.ts', search: '({ url, headers }: Request)', replace: '({ url }: Request)' },
    ],
    tests: methods,
    caughtBy: 'on bun one Host is not two',
  },
  {
    class: 'hostile requests and clients',
    name: 'Bun announces an empty body for a HEAD',
    patches: [
      {
        file: 'src/runtime/bun.ts',
        search: "return request.method === 'HEAD' ? answerHead(answer) : answer;",
        replace: 'return answer;',
      },
    ],
    tests: methods,
    caughtBy: 'on bun HEAD answers as GET does',
  },
  {
    class: 'hostile requests and clients',
    name: 'a transfer coding beside the chunks is ignored',
    patches: [
      {
        file: 'src/runtime/node.ts',
        search: "httpVersionMinor === 0 || coding.toLowerCase() !== 'chunked'",
        replace: 'httpVersionMinor === 0',
      },
    ],
    tests: ['test/contract/transport.test.ts'],
    caughtBy: 'on node answers .+ to the coding .gzip, chunked.',
  },
  {
    class: 'hostile requests and clients',
    name: 'a compressed body is read as if it were none',
    patches: [{ file: 'src/http/json.ts', search: '  if (coded) return coded;\n', replace: '' }],
    tests: ['test/contract/body-types.test.ts'],
    caughtBy: 'on node refuses a body in gzip',
  },
  {
    class: 'hostile requests and clients',
    name: 'a page of any origin may read answers',
    patches: [
      {
        file: 'src/http/cross-origin.ts',
        search: 'origin !== undefined && origins.includes(origin) ? origin : null',
        replace: 'origin !== undefined ? origin : null',
      },
    ],
    tests: ['test/contract/cross-origin.test.ts'],
    caughtBy: 'on node a page of another origin, and a program',
  },
  {
    class: 'hostile requests and clients',
    name: 'blanks make a key long enough',
    patches: [
      { file: 'src/config/fields.ts', search: 'visibleCharacters(text) >=', replace: 'text.length >=' },
      {
        file: 'src/config/fields.ts',
        search: "import { visibleCharacters } from '../domain/visible-text.ts';\n",
        replace: '',
      },
    ],
    tests: ['test/unit/config/config.test.ts'],
    caughtBy: 'SECRET_KEY refuses',
  },
  ...(
    [
      ['a text that repeats itself', 'isRepeated(plain, at);', 'false;', 'SECRET_KEY must not be x1y2z3'],
      ['a sequence', '(at > 1 && isRun(one, two, three))', 'false', 'SECRET_KEY must not be abcdefghij'],
      ['a placeholder', '.replaceAll(wordPattern, MARK)', '', 'SECRET_KEY must not be your-secret-key'],
      ['a doubled sequence', "secret.replaceAll(/(.)\\1+/gu, '$1')", 'secret', 'SECRET_KEY must not be 0011'],
    ] as const
  ).map(
    ([what, search, replace, caughtBy]): Fault => ({
      class: 'hostile requests and clients',
      name: `${what} counts as hard to guess`,
      patches: [{ file: 'src/config/secret-strength.ts', search, replace }],
      tests: ['test/unit/config/secret-strength.test.ts'],
      caughtBy,
    }),
  ),
  ...(
    [
      ['turns text around', 'src/domain/visible-text.ts', ".replaceAll(disguises, '')", ''],
      ['hides a difference', 'src/domain/visible-text.ts', ".replaceAll(joinersWithoutUse, '')", ''],
      ['is kept of what was typed', 'src/http/schema.ts', 'undisguised(text', '(text'],
    ] as const
  ).map(
    ([what, file, search, replace]): Fault => ({
      class: 'hostile requests and clients',
      name: `a character that nobody sees ${what}`,
      patches: [{ file, search, replace }],
      tests: typedInput,
      caughtBy: 'on node keeps of',
    }),
  ),
  {
    class: 'hostile requests and clients',
    name: 'an order in the CSV looks like another one',
    patches: [{ file: 'src/database/orders-csv.ts', search: 'undisguised(value)', replace: 'value' }],
    tests: ['test/unit/database/orders-csv.test.ts'],
    caughtBy: 'is written as',
  },
  ...(
    [
      ['the letter', 'src/background/mail-templates.ts', 'undisguised(subject)', 'subject'],
      ['the terminal', 'src/cli/output.ts', 'undisguised(text', '(text'],
    ] as const
  ).map(
    ([what, file, search, replace]): Fault => ({
      class: 'hostile requests and clients',
      name: `${what} turns a name around`,
      patches: [{ file, search, replace }],
      tests: ['test/unit/domain/visible-text.test.ts'],
      caughtBy: `on its way to ${what}`,
    }),
  ),
  {
    class: 'hostile requests and clients',
    name: 'an easy token of the operator is taken',
    patches: [
      {
        file: 'src/config/config.ts',
        search: 'hardToGuess(ADMIN_TOKEN_BITS_MIN,',
        replace: 'hardToGuess(0,',
      },
    ],
    tests: ['test/unit/config/secret-strength.test.ts'],
    caughtBy: 'ADMIN_TOKEN must not be',
  },
  {
    class: 'hostile requests and clients',
    name: 'a token that no header carries is taken',
    patches: [{ file: 'src/config/fields.ts', search: '/^[!-~]+$/,', replace: '/^[ -~]+$/,' }],
    tests: ['test/unit/config/config.test.ts'],
    caughtBy: 'ADMIN_TOKEN refuses "canary token of blanks"',
  },
  {
    class: 'hostile requests and clients',
    name: 'a misspelt variable has no effect, and no warning',
    patches: [
      {
        file: 'src/runtime/create-stampede.ts',
        search: 'for (const warning of config.warnings) log.warn({}, warning);',
        replace: '',
      },
    ],
    tests: ['test/contract/configuration.test.ts'],
    caughtBy: 'a misspelt variable on node',
  },
];
