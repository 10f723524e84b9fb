/** Parses the command line of the floor bench. */
import { parseArgs } from 'node:util';
import type { RuntimeName } from '../rounds/server.ts';
import { type RowName, rowNames } from './rows.ts';

export interface FloorOptions {
  rows: RowName[];
  /** Whether the open loop runs too. */
  isOpen: boolean;
  runtimes: RuntimeName[];
  rounds: number;
  /** Measured seconds of each row. */
  seconds: number;
  warmUpSeconds: number;
  /** Length of the open loop. */
  openSeconds: number;
  connections: number;
  /** Another commit, measured in the same rounds. */
  ref?: string;
}

export const usage = `usage: npm run bench:floor -- [ref GIT-REF] [options]
  --rows A,B…         of ${rowNames.join(', ')}, open (all)
  --runtime R         node, bun or both (both)
  --rounds N          interleaved rounds (5)
  --seconds N         measured time of each row (3)
  --open-seconds N    length of the open loop (30)
  --connections N     of the closed loop (64)
  --short             one round of a second, without GET /drops/:id and the open loop: a minute
`;

const shortRows: readonly RowName[] = ['purchase', 'list', 'mix', 'refusal'];

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} is a number above 0, not ${text}.`);
  return value;
}

/** Throws an Error with a sentence for the user on an invalid command line. */
export function parseOptions(args: readonly string[]): FloorOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rows: { type: 'string' },
      runtime: { type: 'string', default: 'both' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      'open-seconds': { type: 'string', default: '30' },
      connections: { type: 'string', default: '64' },
      short: { type: 'boolean', default: false },
    },
  });
  const { short: isShort } = values;
  const [word, ref, ...more] = positionals;
  if (word !== undefined && (word !== 'ref' || ref === undefined || more.length > 0)) {
    throw new Error(`Only "ref GIT-REF" is understood, not ${positionals.join(' ')}.`);
  }
  const wanted: readonly string[] = values.rows?.split(',') ?? (isShort ? shortRows : [...rowNames, 'open']);
  const isRow = (name: string): name is RowName => rowNames.some((row) => row === name);
  const unknown = wanted.find((name) => !isRow(name) && name !== 'open');
  if (unknown !== undefined) throw new Error(`There is no row ${unknown}.`);
  const runtimes = (['node', 'bun'] as const).filter((name) => [name, 'both'].includes(values.runtime));
  if (runtimes.length === 0) throw new Error(`--runtime is node, bun or both, not ${values.runtime}.`);
  return {
    rows: wanted.filter(isRow),
    isOpen: wanted.includes('open'),
    runtimes,
    rounds: numberOf('rounds', values.rounds ?? (isShort ? '1' : '5')),
    seconds: numberOf('seconds', values.seconds ?? (isShort ? '1' : '3')),
    warmUpSeconds: isShort ? 0.5 : 1.5,
    openSeconds: numberOf('open-seconds', values['open-seconds']),
    connections: numberOf('connections', values.connections),
    ...(ref !== undefined && { ref }),
  };
}
