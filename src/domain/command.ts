/** What goes down to the writer: plain values that survive a structured clone. */
import type { Drop, Item } from './drop.ts';
import type { Contact } from './order.ts';

export interface PlaceHold {
  kind: 'placeHold';
  itemId: number;
  quantity: number;
  /** Keyed hash of the normalised e-mail. */
  customer: string;
  /** Keyed hash of the phone number, where given. */
  customerPhone: string | null;
  idempotencyKey: string | null;
  /** Keyed hash of the whole request body: a key belongs to one body. */
  fingerprint: string;
  contact: Contact;
}

export interface CancelOrder {
  kind: 'cancelOrder';
  orderId: number;
}

/** Gives the units of holds that are over back to stock, a bounded number at a time. */
export interface ReleaseDue {
  kind: 'releaseDue';
  orders: number;
}

export interface RecordPayment {
  kind: 'recordPayment';
  provider: string;
  eventId: string;
  /** The provider's id of the payment: its money counts once, however many events speak of it. */
  reference: string;
  /** Null where the provider names an order that is none of ours. */
  orderId: number | null;
  status: 'paid' | 'declined';
  amount: number;
  currency: string;
}

export type NewItem = Pick<Item, 'sku' | 'name' | 'price' | 'stock'>;

export type NewDrop = Omit<Drop, 'id' | 'paused' | 'createdAt' | 'items'> & { items: readonly NewItem[] };

export interface CreateDrop {
  kind: 'createDrop';
  actor: string;
  drop: NewDrop;
}

/** Only what is given changes; an item whose sku is new needs all its fields. */
export interface DropEdit {
  title?: string;
  description?: string;
  imageUrl?: string | null;
  perCustomer?: number | null;
  startsAt?: number;
  endsAt?: number | null;
  holdSeconds?: number;
  published?: boolean;
  paused?: boolean;
  items?: readonly { sku: string; name?: string; price?: number; stock?: number }[];
}

export interface EditDrop {
  kind: 'editDrop';
  actor: string;
  dropId: number;
  edit: DropEdit;
}

export interface Restock {
  kind: 'restock';
  actor: string;
  dropId: number;
  sku: string;
  /** Units to add; a negative number takes free units away. */
  quantity: number;
}

export type StatementMethod = 'run' | 'all' | 'values' | 'get';

/** SQL of operator code, run as one: all of the statements or none. */
export interface RunStatements {
  kind: 'runStatements';
  statements: readonly { sql: string; params: readonly unknown[]; method: StatementMethod }[];
}

export type DomainCommand =
  | PlaceHold
  | CancelOrder
  | ReleaseDue
  | RecordPayment
  | CreateDrop
  | EditDrop
  | Restock;

export type Command = DomainCommand | RunStatements;

/** In the order in which the writer serves them: money first, then what frees stock, then people, then the crowd. */
export const lanes = ['payments', 'releases', 'operator', 'holds'] as const;
export type Lane = (typeof lanes)[number];

export const laneOf = {
  recordPayment: 'payments',
  cancelOrder: 'releases',
  releaseDue: 'releases',
  createDrop: 'operator',
  editDrop: 'operator',
  restock: 'operator',
  runStatements: 'operator',
  placeHold: 'holds',
} as const satisfies Record<Command['kind'], Lane>;
