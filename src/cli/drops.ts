/** `stampede drops`: list, create, publish, pause, restock and close drops of a running server. */
import { Command } from 'commander';
import type { InferOutput } from 'valibot';
import type { adminDrop, adminDropList } from '../answers/schemas.ts';
import { PER_CUSTOMER_DEFAULT } from '../domain/client-limits.ts';
import { amountText } from '../domain/money-text.ts';
import { HOLD_SECONDS_MAX, UNITS_PER_ITEM_MAX } from '../limits.ts';
import { itemHelp, type NewDropOptions, newDropFrom } from './new-drop.ts';
import { wholeNumber, withJson } from './options.ts';
import { fields, type OutputOptions, print, table } from './output.ts';
import { misuse } from './refusal.ts';
import { ask, inPath, type ServerOptions, type WriteOptions, withKey, withServer, write } from './server.ts';

type AdminDrop = InferOutput<typeof adminDrop>;
type DropList = InferOutput<typeof adminDropList>;
type Options = ServerOptions & OutputOptions;
type Write = WriteOptions & OutputOptions;

const units = ({ items }: AdminDrop, kind: 'available' | 'stock' | 'sold'): number =>
  items.reduce((sum, item) => sum + item[kind], 0);

const listText = ({ drops }: DropList): string =>
  table(
    ['SLUG', 'PHASE', 'STARTS', 'AVAILABLE', 'STOCK', 'SOLD', 'TITLE'],
    drops.map((drop) => [
      drop.slug,
      drop.phase,
      drop.startsAt,
      units(drop, 'available'),
      units(drop, 'stock'),
      units(drop, 'sold'),
      drop.title,
    ]),
    'No drops yet. Create one with `drops create`.',
  );

function dropText(drop: AdminDrop): string {
  const about = fields([
    ['slug', drop.slug],
    ['id', drop.id],
    ['title', drop.title],
    ['phase', drop.phase],
    ['starts', drop.startsAt],
    ['ends', drop.endsAt],
    ['limit', drop.perCustomer === null ? 'none' : `${drop.perCustomer} per customer`],
    ['hold', `${drop.holdSeconds} s`],
    ['jurisdiction', drop.jurisdiction],
    ['unpayable', drop.unpayable],
  ]);
  const items = table(
    ['SKU', 'PRICE', 'AVAILABLE', 'STOCK', 'HELD', 'SOLD', 'NAME'],
    drop.items.map(({ sku, price, available, stock, held, sold, name }) => [
      sku,
      amountText(price, drop.currency),
      available,
      stock,
      held,
      sold,
      name,
    ]),
    'No items.',
  );
  return `${about}\n\n${items}`;
}

const leaf = (name: string, description: string, examples: string): Command =>
  withJson(withServer(new Command(name)))
    .description(description)
    .addHelpText('after', `\nExamples:\n${examples.replaceAll(/^/gm, '  $ npm run stampede -- drops ')}`);

const dropPath = (slug: string): string => `/admin/drops/${inPath(slug)}`;

/** A command that edits one drop and shows the result. */
const change = (name: string, description: string, edit: object, example: string): Command =>
  withKey(leaf(name, description, example))
    .argument('<drop>', 'slug or id of the drop')
    .action(async (slug: string, options: Write) =>
      print(await write<AdminDrop>(options, 'PATCH', dropPath(slug), edit), dropText, options),
    );

const create = (): Command =>
  withKey(
    leaf(
      'create',
      'create a drop, as a draft unless --publish is given',
      'create spring.json --publish\ncreate --slug spring --title "Spring drop" --currency EUR --starts-at 2027-03-01T18:00:00Z --item M,Medium,4900,300',
    ),
  )
    .argument('[file]', 'the drop as JSON, in the format of POST /admin/drops; - reads stdin')
    .option('--slug <slug>', 'part of the drop’s URL')
    .option('--title <title>', 'shown to buyers')
    .option('--description <text>')
    .option('--currency <code>', 'ISO 4217 code')
    .option('--starts-at <time>', 'ISO 8601 with an offset or Z')
    .option('--ends-at <time>')
    .option(
      '--per-customer <units>',
      `units per customer, or none for no limit (default: ${PER_CUSTOMER_DEFAULT})`,
      (text) => (text === 'none' ? text : wholeNumber(1, UNITS_PER_ITEM_MAX)(text)),
    )
    .option('--hold-seconds <seconds>', 'duration of a hold', wholeNumber(1, HOLD_SECONDS_MAX))
    .option('--shards <shards>', 'number of shards, on Workers', wholeNumber(1, 64))
    .option('--jurisdiction <jurisdiction>', 'where its data is stored and processed, on Workers: eu')
    .option('--location-hint <hint>', 'where to create it, on Workers, such as weur')
    .option('--item <item>', itemHelp, (item: string, items: string[] = []) => [...items, item])
    .option('--publish', 'publish it now')
    .action(async (file: string | undefined, options: NewDropOptions & Write) => {
      const drop = newDropFrom(file, options);
      if (Object.keys(drop).length === 0)
        throw misuse('No drop given. Name a file, or set its fields with options.');
      print(await write<AdminDrop>(options, 'POST', '/admin/drops', drop), dropText, options);
    });

export const dropsCommand = (): Command =>
  new Command('drops')
    .description('manage the drops of a running server')
    .addCommand(
      leaf('list', 'list all drops, including drafts', 'list\nlist --json').action(async (options: Options) =>
        print(await ask<DropList>(options, 'GET', '/admin/drops'), listText, options),
      ),
    )
    .addCommand(
      leaf('show', 'show a drop with its items', 'show spring')
        .argument('<drop>', 'slug or id of the drop')
        .action(async (slug: string, options: Options) =>
          print(await ask<AdminDrop>(options, 'GET', dropPath(slug)), dropText, options),
        ),
    )
    .addCommand(create())
    .addCommand(change('publish', 'publish a draft', { published: true }, 'publish spring'))
    .addCommand(change('unpublish', 'hide a drop from buyers', { published: false }, 'unpublish spring'))
    .addCommand(change('pause', 'stop sales until `resume`', { paused: true }, 'pause spring'))
    .addCommand(change('resume', 'resume sales', { paused: false }, 'resume spring'))
    .addCommand(
      withKey(
        leaf('restock', 'add units, or remove available ones', 'restock spring M 50\nrestock spring M -10'),
      )
        .argument('<drop>', 'slug or id of the drop')
        .argument('<sku>', 'sku of the item')
        .argument(
          '<quantity>',
          'units to add; negative to remove',
          wholeNumber(-UNITS_PER_ITEM_MAX, UNITS_PER_ITEM_MAX),
        )
        .action(async (slug: string, sku: string, quantity: number, options: Write) => {
          const path = `${dropPath(slug)}/restock`;
          print(await write<AdminDrop>(options, 'POST', path, { sku, quantity }), dropText, options);
        }),
    )
    .addCommand(
      withKey(leaf('close', 'end a drop now', 'close spring'))
        .argument('<drop>', 'slug or id of the drop')
        .action(async (slug: string, options: Write) =>
          print(await write<AdminDrop>(options, 'POST', `${dropPath(slug)}/close`), dropText, options),
        ),
    );
