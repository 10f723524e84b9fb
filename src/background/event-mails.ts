/** Decides which events cause an e-mail, to whom, and with which text, for every transport. */

import type { LoggedEvent } from '../database/log-reads.ts';
import { orderReads } from '../database/order-reads.ts';
import type { ShopDatabase } from '../database/shop-database.ts';
import type { EventKind } from '../domain/event.ts';
import type { Ids } from '../ids/ids.ts';
import { MAIL_ORDERS_MAX, SOLD_OUT_MAIL_INTERVAL_MS } from '../limits.ts';
import type { Clock } from '../split/clock.ts';
import { type FoundOrder, linksMailContent, type MailContent, mailContent } from './mail-templates.ts';
import { type OutboundType, outboundEvent, outboundKinds } from './outbound-event.ts';
import type { Delivery } from './subscriber.ts';

export interface Mail extends MailContent {
  to: string;
  /** The same for every delivery of one e-mail, so that duplicates can be recognised. */
  messageId: string;
}

/** An e-mail to send. */
export interface Draft {
  /** The public id of its event, or the name of another e-mail. */
  event: string;
  mail: Mail;
}

/** The orders of a customer at one place, newest first, and the address stored with the newest. */
export interface FoundOrders {
  to: string;
  orders: readonly FoundOrder[];
}

/** The last sell-out of a drop that the operator was notified of. */
export interface SoldOutMark {
  seq: number;
  at: number;
}

export interface EventMailsDeps {
  db: ShopDatabase;
  clock: Clock;
  ids: Ids;
  publicUrl: () => string;
  /** Receives sell-outs, disputes and failed refunds; null: no reports. */
  operatorEmail: string | null;
  /**
   * Whether customers also get e-mails about placed and released holds, not only about payments.
   */
  isHoldMailOn: boolean;
  /** By drop. Default: the memory of this process. */
  soldOuts?: {
    get(dropId: number): SoldOutMark | undefined;
    set(dropId: number, mark: SoldOutMark): unknown;
  };
}

export interface EventMails {
  /** Event kinds that can cause an e-mail. */
  kinds: ReadonlySet<EventKind>;
  /** The e-mail about an event. `done`: there is none. `deferred`, `unavailable`: not yet. */
  about(event: LoggedEvent): Promise<Draft | Delivery>;
  /** Orders for an e-mail with lost links; null if there are none, as after a deletion. */
  ordersOf(customer: string): FoundOrders | null;
}

/** Events that only an operator can act on. */
const operatorTypes: ReadonlySet<OutboundType> = new Set([
  'order.disputed',
  'refund.failed',
  'refund.doubled',
]);
/** E-mails that a stranger can cause in another person's name without paying. */
const holdTypes: ReadonlySet<OutboundType> = new Set(['order.held', 'order.released']);

const draftOf = (event: string, to: string, content: MailContent, publicUrl: string): Draft => ({
  event,
  mail: { to, messageId: `<${event}@${new URL(publicUrl).hostname}>`, ...content },
});

/** The e-mail with lost links. `mailId` names it; a retry has the same name. */
export const linksDraft = (mailId: string, { to, orders }: FoundOrders, publicUrl: string): Draft =>
  draftOf(mailId, to, linksMailContent(orders), publicUrl);

export function createEventMails({
  db,
  clock,
  ids,
  publicUrl,
  operatorEmail,
  isHoldMailOn,
  soldOuts = new Map<number, SoldOutMark>(),
}: EventMailsDeps): EventMails {
  /**
   * Near the end of a drop, holds expire and units are reserved again: send one e-mail for all of
   * it. A retry still sends it.
   */
  const isNewSellOut = (dropId: number, seq: number): boolean => {
    const last = soldOuts.get(dropId);
    if (last?.seq === seq) return true;
    if (last && clock.now() - last.at < SOLD_OUT_MAIL_INTERVAL_MS) return false;
    soldOuts.set(dropId, { seq, at: clock.now() });
    return true;
  };
  const orderUrl = (orderId: string): string => `${publicUrl()}/o/${orderId}#${ids.orderToken(orderId)}`;

  /**
   * Null if an e-mail to a customer can be sent. Beyond the allowance, one about money waits and
   * one about a hold is dropped.
   */
  const boundOf = async (to: string, type: OutboundType, seq: number): Promise<Delivery | null> => {
    const allowance = holdTypes.has(type) ? 'holds' : 'money';
    const { kind } = await db.submit({ kind: 'countMail', recipient: ids.customer(to), allowance, seq });
    if (kind === 'done') return null;
    if (kind !== 'mail_limit_reached') return 'unavailable';
    db.metrics.count('stampede_mails_over_limit_total', allowance);
    return allowance === 'holds' ? 'done' : 'deferred';
  };

  const ordersOf = (customer: string): FoundOrders | null => {
    const orders = orderReads(db).newestOfCustomer(customer, MAIL_ORDERS_MAX);
    const to = orders.find(({ email }) => email !== null)?.email ?? null;
    const found = orders.flatMap((order) => {
      const drop = db.snapshot.get(order.dropId);
      // A drop that has moved shows its orders at its new deployment, which sends their links too.
      if (!drop || drop.movedAt || order.email === null) return [];
      const id = ids.order({ dropId: drop.id, orderId: order.id });
      const number = String(ids.orderNumber(order.id));
      const { status, createdAt } = order;
      return [{ number, title: drop.title, status, url: orderUrl(id), createdAt }];
    });
    return to === null || found.length === 0 ? null : { to, orders: found };
  };

  return {
    kinds: outboundKinds,
    ordersOf,
    async about(logged) {
      const event = outboundEvent(logged, db, ids);
      if (!event) return 'done';
      const { type, drop, order } = event;
      // Read now and stored nowhere else, so that a customer whose data is deleted gets no more
      // e-mail.
      if (type === 'order.dispute_closed') return 'done';
      const isForOperator = operatorTypes.has(type);
      const to = isForOperator || !order ? operatorEmail : order.email;
      if (to === null || (holdTypes.has(type) && !isHoldMailOn)) return 'done';
      if (drop && !order && !isNewSellOut(drop.id, logged.seq)) return 'done';
      // Only for a hold that is still unpaid: the e-mail may be late, or another one may follow at
      // once.
      if (type === 'order.held' && (order?.status !== 'held' || order.holdExpiresAt <= clock.now()))
        return 'done';
      const bound = order && !isForOperator ? await boundOf(to, type, logged.seq) : null;
      if (bound) return bound;
      const orderId = order ? ids.order({ dropId: order.dropId, orderId: order.id }) : '';
      const links = {
        number: order ? String(ids.orderNumber(order.id)) : '',
        pay: `${publicUrl()}/pay/${orderId}`,
        // Only the customer gets the order's token.
        order: isForOperator ? `${publicUrl()}/admin/ui/orders/${orderId}` : orderUrl(orderId),
        refunds: `${publicUrl()}/admin/ui/refunds`,
      };
      return draftOf(event.id, to, mailContent(event, links), publicUrl());
    },
  };
}
