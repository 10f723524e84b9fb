/** Stores checkouts until they close, and logs both ends: the audit compares them. */
import { checkoutDigest } from '../database/checkout-digest.ts';
import type { CloseCheckout, RecordCheckout } from '../domain/command.ts';
import type { EventKind } from '../domain/event.ts';
import type { OutcomeByCommand } from '../domain/outcome.ts';
import type { Journal } from './journal.ts';
import type { Statements } from './statements.ts';

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
    ...(order && { itemId: order.itemId, quantity: order.quantity }),
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
