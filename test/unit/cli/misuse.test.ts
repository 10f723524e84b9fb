/** Misuse is refused in one line before anything is requested or opened. */
import { type Command, CommanderError } from 'commander';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../../src/cli/program.ts';
import { Refusal } from '../../../src/cli/refusal.ts';

/** The error message, by commander or by a command. */
async function saidTo(args: readonly string[]): Promise<string> {
  let said = '';
  const program = await createProgram(args, (text) => {
    said += text;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return said;
    if (error instanceof Refusal) return `${error.exitCode}: ${error.message}\n`;
    throw error;
  }
  throw new Error('It was not refused.');
}

const misused: readonly [args: string, said: RegExp][] = [
  ['drops list --url shop.example', /^2: .*must be like https/],
  ['drops list --url http://127.0.0.1:1 --token-file /nowhere/token', /^2: The token can't be read: ENOENT/],
  ['drops list --token-file package.json', /^2: The operator token must be one word/],
  ['drops create', /^2: No drop given/],
  ['drops create /nowhere/drop.json', /^2: .*is not a drop in JSON/],
  ['drops create package-lock.json --item M', /^2: An item must be SKU,NAME,PRICE,STOCK/],
  ['drops restock spring one many', /whole number/],
  ['drops restock spring one 1.5', /whole number/],
  ['drops restock spring one 1 --key restock', /'--key <key>'.*Must be 16 to 255 visible ASCII/],
  ['orders refund ord_x --key schlüssel-nummer-1', /Must be 16 to 255 visible ASCII/],
  ['drops create --per-customer 0', /from 1 to/],
  ['orders show', /missing required argument 'order'/],
  ['orders list --limit 0', /from 1 to 200/],
  ['orders list --nothing', /unknown option '--nothing'/],
  ['orders show one two', /too many arguments/],
  ['tokens add Bad_Name --scopes all', /^2: The name must be lower-case/],
  ['tokens add good --scopes everything', /^2: The scopes must be/],
  ['tokens add good', /required option '--scopes/],
  ['tokens revoke all', /^2: "all" is not an operator’s number/],
  ['backup --keep 0', /from 1 to/],
  ['restore', /missing required argument 'backup'/],
  ['nothing', /unknown command 'nothing'/],
  ['orders nothing', /unknown command 'nothing'/],
  ['help nothing', /unknown command 'nothing'/],
  ['help ordrs', /unknown command 'ordrs' \(Did you mean orders\?\)/],
  ['help orders nothing', /unknown command 'nothing'/],
  ['orders help nothing', /unknown command 'nothing'/],
  ['help orders lst', /unknown command 'lst' \(Did you mean list\?\)/],
  ['orders help lst', /unknown command 'lst' \(Did you mean list\?\)/],
  ['help orders refund nothing', /unknown command 'nothing'/],
  ['orders help refund nothing', /unknown command 'nothing'/],
  ['help audit nothing', /unknown command 'nothing'/],
  ['help --nothing', /unknown option '--nothing'/],
];

describe('a misuse', () => {
  test.each(misused)('%s', async (args, reason) => {
    const said = await saidTo(args.split(' '));
    expect(said).toMatch(reason);
    expect(said.trim().split('\n')).toHaveLength(1);
  });
});

describe('help', () => {
  test('of a command at every depth equals its --help', async () => {
    const pathsBelow = (command: Command): string[][] =>
      command.commands.flatMap((child) => [
        [child.name()],
        ...pathsBelow(child).map((path) => [child.name(), ...path]),
      ]);
    const printedBy = async (words: string[]): Promise<string> => {
      let printed = '';
      const program = await createProgram(words, () => undefined);
      const catchOutput = (command: Command): void => {
        command.configureOutput({ writeOut: (text) => (printed += text) });
        command.commands.forEach(catchOutput);
      };
      catchOutput(program);
      const end: unknown = await program.parseAsync(words, { from: 'user' }).catch((error: unknown) => error);
      expect(end, words.join(' ')).toMatchObject({ exitCode: 0 });
      return printed;
    };
    const paths = pathsBelow(await createProgram([], () => undefined));
    expect(paths).toContainEqual(['orders', 'refund']);
    for (const path of paths) {
      const printed = await printedBy(['help', ...path]);
      expect(printed).toContain(`Usage: stampede ${path.join(' ')}`);
      expect(printed).toBe(await printedBy([...path, '--help']));
    }
  });

  test('has an example for every command', async () => {
    const leaves = (command: Command): Command[] =>
      command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
    for (const command of leaves(await createProgram([], () => undefined))) {
      let help = '';
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
      expect(help, command.name()).toMatch(/Examples?:\n {2}\$ npm run /);
      expect(command.description(), command.name()).not.toBe('');
    }
  });
});
