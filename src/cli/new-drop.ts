/** Builds the drop that `drops create` sends: a JSON file, overridden by options. */
import { readFileSync } from 'node:fs';
import { misuse, reasonOf } from './refusal.ts';

export interface NewDropOptions {
  slug?: string;
  title?: string;
  description?: string;
  currency?: string;
  startsAt?: string;
  endsAt?: string;
  /** `none`: no limit. */
  perCustomer?: number | 'none';
  holdSeconds?: number;
  shards?: number;
  jurisdiction?: string;
  locationHint?: string;
  item?: string[];
  publish?: boolean;
}

const itemForm = 'SKU,NAME,PRICE,STOCK, with the price in minor units, such as M,Medium,4900,300';

function parseItem(text: string): object {
  const [, sku, name, price, stock] = /^([^,]+),(.+),(\d+),(\d+)$/.exec(text) ?? [];
  if (sku === undefined) throw misuse(`An item must be ${itemForm}.`);
  return { sku, name, price: Number(price), stock: Number(stock) };
}

/** `-` means stdin. */
function readDrop(file: string): object {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file === '-' ? process.stdin.fd : file, 'utf8'));
  } catch (error) {
    throw misuse(`${file === '-' ? 'stdin' : file} is not a drop in JSON: ${reasonOf(error)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw misuse(`${file} is not a drop: it must be a JSON object.`);
  }
  return value;
}

/** Throws a `Refusal` for unreadable input; the server validates the rest. */
export function newDropFrom(file: string | undefined, options: NewDropOptions): object {
  const named = {
    slug: options.slug,
    title: options.title,
    description: options.description,
    currency: options.currency,
    startsAt: options.startsAt,
    endsAt: options.endsAt,
    jurisdiction: options.jurisdiction,
    locationHint: options.locationHint,
    perCustomer: options.perCustomer === 'none' ? null : options.perCustomer,
    holdSeconds: options.holdSeconds,
    shards: options.shards,
    publish: options.publish,
    items: options.item?.map(parseItem),
  };
  const said = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
  return { ...(file !== undefined && readDrop(file)), ...said };
}

export const itemHelp = `an item as ${itemForm}; repeat for each item`;
