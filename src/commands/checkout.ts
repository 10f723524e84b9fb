/** Stores checkouts until they close, and logs both ends: the audit compares them. */

import { and, eq, isNull, sql } from 'drizzle-orm';
import { checkouts } from '../../drizzle/schema.ts';
import { checkoutDigest } from '../database/checkout-digest.ts';
import type { SyncDatabase } from '../database/sync-database.ts';
import type { CloseCheckout, RecordCheckout } from '../domain/command.ts';
import { type EventKind, unitsOfOrder } from '../domain/event.ts';
import type { OutcomeByCommand } from '../domain/outcome.ts';
import type { Journal } from './journal.ts';
import { value } from './placeholder.ts';
import type { Statements } from './statements.ts';

const closedColumns = { id: checkouts.id, orderId: checkouts.orderId, provider: checkouts.provider };

export const prepareCheckoutStatements = (db: SyncDatabase) => ({
  insertCheckout: db
    .insert(checkouts)
    .values({
      orderId: value('orderId'),
      provider: value('provider'),
      reference: value('reference'),
      url: value('url'),
      expiresAt: value('expiresAt'),
      createdAt: value('createdAt'),
    })
    .onConflictDoNothing({ target: [checkouts.provider, checkouts.reference] })
    .returning({ id: checkouts.id })
    .prepare(),

  openCheckoutsOf: db
    .select({ reference: checkouts.reference, url: checkouts.url })
    .from(checkouts)
    .where(
      and(
        eq(checkouts.orderId, value('orderId')),
        eq(checkouts.provider, value('provider')),
        isNull(checkouts.closedAt),
      ),
    )
    .prepare(),

  closeCheckout: db
    .update(checkouts)
    .set({ closedAt: sql`${value('now')}` })
    .where(and(eq(checkouts.id, value('checkoutId')), isNull(checkouts.closedAt)))
    .returning(closedColumns)
    .prepare(),

  closeCheckoutByReference: db
    .update(checkouts)
    .set({ closedAt: sql`${value('now')}` })
    .where(
      and(
        eq(checkouts.provider, value('provider')),
        eq(checkouts.reference, value('reference')),
        isNull(checkouts.closedAt),
      ),
    )
    .returning(closedColumns)
    .prepare(),
});

type Checkout = Pick<RecordCheckout, 'orderId' | 'provider'> & { id: number };

function logCheckout(
  kind: EventKind,
  { id, orderId, provider }: Checkout,
  statements: Statements,
  journal: Journal,
  detail: Readonly<Record<string, unknown>> = {},
): void {
  const order = statements.orderById.get({ orderId });
  journal.log({
    kind,
    actor: `provider:${provider}`,
    dropId: order?.dropId ?? null,
    orderId,
    ...(order && unitsOfOrder(order)),
    detail: { checkout: id, ...detail },
  });
}

export function recordCheckout(
  command: RecordCheckout,
  statements: Statements,
  journal: Journal,
): OutcomeByCommand['recordCheckout'] {
  const { orderId, provider, reference, url, expiresAt } = command;
  // Two open checkouts could both be paid.
  const [open] = statements.openCheckoutsOf.all({ orderId, provider });
  if (open && open.reference !== reference) return { kind: 'checkout_open', url: open.url };
  const values = { orderId, provider, reference, url, expiresAt, createdAt: journal.now };
  // None if the provider answered with a known checkout.
  const [opened] = statements.insertCheckout.all(values);
  if (opened) {
    const digest = checkoutDigest(command);
    logCheckout('checkout_opened', { ...opened, orderId, provider }, statements, journal, { digest });
  }
  return { kind: 'done' };
}

/** Logs the checkouts that a statement has closed. */
export function logClosed(closed: readonly Checkout[], statements: Statements, journal: Journal): void {
  for (const checkout of closed) logCheckout('checkout_closed', checkout, statements, journal);
}

export function closeCheckout(
  command: CloseCheckout,
  statements: Statements,
  journal: Journal,
): OutcomeByCommand['closeCheckout'] {
  const { checkoutId } = command;
  logClosed(statements.closeCheckout.all({ checkoutId, now: journal.now }), statements, journal);
  return { kind: 'done' };
}
