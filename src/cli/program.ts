/** Assembles the command line; the help shows the commands in this order. */
import { Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { asTyped } from '../runtime/as-typed.ts';

type Load = () => Promise<() => Command>;
const serverGroup = 'A running server (--url, or this machine):';
const fileGroup = 'The database file (--file):';
const ownGroup = 'Run a server:';

/** Loaded on demand: SQLite and Drizzle alone take half a second. The general help loads all. */
const commands: Readonly<Record<string, readonly [group: string, load: Load]>> = {
  dev: [ownGroup, async () => (await import('./serve.ts')).devCommand],
  start: [ownGroup, async () => (await import('./serve.ts')).startCommand],
  drops: [serverGroup, async () => (await import('./drops.ts')).dropsCommand],
  orders: [serverGroup, async () => (await import('./orders.ts')).ordersCommand],
  refunds: [serverGroup, async () => (await import('./refunds.ts')).refundsCommand],
  customers: [serverGroup, async () => (await import('./customers.ts')).customersCommand],
  tokens: [fileGroup, async () => (await import('./tokens.ts')).tokensCommand],
  audit: [fileGroup, async () => (await import('./audit.ts')).auditCommand],
  backup: [fileGroup, async () => (await import('./backups.ts')).backupCommand],
  backups: [fileGroup, async () => (await import('./backups.ts')).backupsCommand],
  restore: [fileGroup, async () => (await import('./restore.ts')).restoreCommand],
  move: [fileGroup, async () => (await import('./move.ts')).moveCommand],
  'load-test': [fileGroup, async () => (await import('./load-test.ts')).loadTestCommand],
};

/** Reports an unknown word. For a command with subcommands, Commander suggests the closest one. */
function refuseWord(word: string, command: Command): never {
  if (command.commands.length > 0) command.parse([word], { from: 'user' });
  return command.error(`error: unknown command '${word}'`);
}

/** Replaces Commander's help command, which uses only the first word, by one for any depth. */
function addHelpTo(parent: Command): void {
  const showHelp = (words: readonly string[]): void => {
    let shown = parent;
    for (const word of words) {
      shown = shown.commands.find((command) => command.name() === word) ?? refuseWord(word, shown);
    }
    shown.help();
  };
  const help = new Command('help')
    .description('show the help of a command')
    .argument('[command...]', 'the words of the command')
    .addHelpText(
      'after',
      '\nExamples:\n  $ npm run stampede -- help\n  $ npm run stampede -- help orders refund',
    )
    .action(showHelp);
  parent.helpCommand(false).addCommand(help);
}

/** Visits a command and all its subcommands, because each has its own settings. */
function eachCommand(command: Command, visit: (command: Command) => void): void {
  visit(command);
  for (const child of command.commands) eachCommand(child, visit);
}

/**
 * The program for these words. Throws instead of ending the process: a `CommanderError` for a usage
 * error, after writing it in one line with `writeErr`.
 */
export async function createProgram(
  words: readonly string[],
  writeErr: (text: string) => void,
): Promise<Command> {
  const program = new Command('stampede')
    .description('Run and manage a shop for limited drops.')
    .version(packageJson.version)
    .addHelpText(
      'after',
      `
Exit status 0: done, 1: refused, 2: usage error. --json prints only JSON to stdout; \`npm run --silent\` omits npm's own lines.

Examples:
  $ npm run stampede -- dev
  $ npm run stampede -- drops list
  $ npm run stampede -- orders list --drop spring --status paid
  $ npm run stampede -- tokens add packing --scopes orders:read,orders:write
  $ npm run stampede -- backup
  $ npm run stampede -- help restore`,
    );
  const [first = ''] = words[0] === 'help' ? words.slice(1) : words;
  const named = Object.hasOwn(commands, first) ? [first] : Object.keys(commands);
  for (const name of named) {
    const [group, load] = commands[name] ?? [];
    if (load) program.addCommand((await load())().helpGroup(group ?? ''));
  }
  eachCommand(program, (command) => {
    if (command.commands.length > 0) addHelpTo(command);
    command.exitOverride();
    command.configureOutput({
      writeErr,
      writeOut: (text) => void process.stdout.write(asTyped(text)),
      outputError: (text, write) => write(`${text.trim().replaceAll(/\s*\n\s*/g, ' ')}\n`),
    });
  });
  return program;
}
