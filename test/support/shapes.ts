/** The JSON shapes of the HTTP contract, as types and as assertions on exactly these keys. */
import { expect } from 'vitest';
import type { Answer } from './client.ts';

interface Item {
  sku: string;
  name: string;
  price: number;
  stock: number;
  available: number;
  held: number;
  sold: number;
}

export interface Drop {
  id: string;
  slug: string;
  title: string;
  description: string | null;
  imageUrl: string | null;
  currency: string;
  perCustomer: number | null;
  startsAt: string;
  endsAt: string | null;
  phase: string;
  items: Item[];
}

/** The operator's fields in addition to the public Drop. */
export interface AdminDrop extends Drop {
  published: boolean;
  paused: boolean;
  holdSeconds: number;
  createdAt: string;
  jurisdiction: string | null;
  unpayable: string | null;
}

export interface Order {
  id: string;
  number: string;
  dropId: string;
  items: { sku: string; name: string; quantity: number; unitPrice: number; total: number }[];
  sku: string;
  quantity: number;
  unitPrice: number;
  total: number;
  currency: string;
  status: string;
  holdExpiresAt: string;
  createdAt: string;
}

export interface Purchase {
  order: Order;
  token: string;
  payment: { url: string; expiresAt: string };
}

export interface OrderAnswer {
  order: Order;
  payments: { status: string; amount: number; createdAt: string }[];
  refunds: { status: string; reason: string; amount: number }[];
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  errors?: { path: string; message: string }[];
}

const isoTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/);
const count = expect.toSatisfy((value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0);
const text = expect.stringMatching(/./);
const nullable = (matcher: unknown): unknown =>
  expect.toSatisfy((value: unknown) => value === null || matches(value, matcher));

function matches(value: unknown, matcher: unknown): boolean {
  try {
    expect(value).toEqual(matcher);
    return true;
  } catch {
    return false;
  }
}

const dropKeys = {
  id: text,
  slug: expect.stringMatching(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  title: text,
  description: nullable(expect.any(String)),
  imageUrl: nullable(expect.any(String)),
  currency: expect.stringMatching(/^[A-Z]{3}$/),
  perCustomer: nullable(count),
  startsAt: isoTime,
  endsAt: nullable(isoTime),
  phase: expect.stringMatching(/^(draft|scheduled|live|sold_out|paused|ended)$/),
  items: expect.any(Array),
};

const itemKeys = {
  sku: text,
  name: text,
  price: count,
  stock: count,
  available: count,
  held: count,
  sold: count,
};

const orderKeys = {
  id: text,
  number: expect.stringMatching(/^\d{1,15}$/),
  dropId: text,
  items: expect.any(Array),
  sku: text,
  quantity: count,
  unitPrice: count,
  total: count,
  currency: expect.stringMatching(/^[A-Z]{3}$/),
  status: expect.stringMatching(/^(held|paid|fulfilled|released|refunding|refunded)$/),
  holdExpiresAt: isoTime,
  createdAt: isoTime,
};

function expectItems(items: readonly Item[]): void {
  for (const item of items) {
    expect(item).toStrictEqual(itemKeys);
    expect(item.available, `available of ${item.sku}`).toBe(item.stock - item.held - item.sold);
  }
}

/** Expects exactly the keys of a public Drop, with counts that add up. */
export function expectDropShape(drop: Drop): void {
  expect(drop).toStrictEqual(dropKeys);
  expectItems(drop.items);
}

/** Expects exactly the keys of a Drop as the operator sees it. */
export function expectAdminDropShape(drop: AdminDrop): void {
  expect(drop).toStrictEqual({
    ...dropKeys,
    published: expect.any(Boolean),
    paused: expect.any(Boolean),
    holdSeconds: count,
    createdAt: isoTime,
    jurisdiction: null,
    unpayable: expect.toBeOneOf([null, text]),
  });
  expectItems(drop.items);
}

/** Expects exactly the keys of an Order; `more` names the keys that a route adds. */
export function expectOrderShape(order: Order, more: Record<string, unknown> = {}): void {
  const ofStatus = order.status === 'released' ? { releaseReason: text } : {};
  expect(order).toStrictEqual({ ...orderKeys, ...ofStatus, ...more });
  const { sku, quantity, unitPrice, total } = order;
  expect(total).toBe(unitPrice * quantity);
  expect(order.items).toStrictEqual([{ sku, name: text, quantity, unitPrice, total }]);
}

/** Expects exactly the answer to a purchase. */
export function expectPurchaseShape(purchase: Purchase): void {
  expect(purchase).toStrictEqual({
    order: expect.any(Object),
    token: text,
    payment: { url: expect.stringMatching(/^https?:\/\/\S+$/), expiresAt: isoTime },
  });
  expectOrderShape(purchase.order);
}

/** Expects exactly the keys of problem details (RFC 9457) with a stable code. */
export function expectProblemShape(answer: Answer): void {
  const where = `${answer.status} ${answer.text.slice(0, 500)}`;
  expect(answer.headers['content-type'], where).toMatch(/^application\/problem\+json\b/);
  const problem = JSON.parse(answer.text) as Problem;
  const { errors, ...rest } = problem;
  expect(rest, where).toStrictEqual({
    type: `/problems/${problem.code}`,
    title: text,
    status: answer.status,
    detail: text,
    code: expect.stringMatching(/^[a-z]+(_[a-z]+)*$/),
  });
  for (const error of errors ?? [])
    expect(error, where).toStrictEqual({ path: expect.any(String), message: text });
}
