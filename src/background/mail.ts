/** Mails customers what became of their orders and, where they ask for them, the links; and the operator of sell-outs, disputes and failed refunds. */
import type { Clock } from '../clock.ts';
import type { Store } from '../database/store.ts';
import type { Ids } from '../ids.ts';
import { LETTER_ORDERS_MAX, SOLD_OUT_MAIL_INTERVAL_MS } from '../limits.ts';
import type { Log } from '../log.ts';
import type { Delivery, Follower } from './follower.ts';
import { type Letter, letterOf, linksLetter } from './mail-templates.ts';
import { type OutboundType, outboundEvent, outboundKinds } from './outbound-event.ts';

export interface Mail extends Letter {
  to: string;
  /** The same for every delivery of one letter: by it a duplicate can be recognised. */
  messageId: string;
}

/**
 * `rejected`: this recipient refuses it for good. `late`: this recipient refuses it for now. `away`: the mail server accepts nothing from us,
 * or is down. `code` says why, without the address.
 */
export type SendResult = { kind: 'sent' } | { kind: 'rejected' | 'late' | 'away'; code: string };
export type SendMail = (mail: Mail) => Promise<SendResult>;

export interface MailDeps {
  store: Store;
  clock: Clock;
  ids: Ids;
  log: Log;
  publicUrl: () => string;
  sendMail: SendMail;
  /** Where sell-outs, disputes and failed refunds are reported; null: nowhere. */
  operatorEmail: string | null;
  /** Whether customers also get letters about placed and released holds, not only about money. */
  isHoldMailOn: boolean;
}

/** What only an operator can act on. */
const operatorTypes: ReadonlySet<OutboundType> = new Set([
  'order.disputed',
  'refund.failed',
  'refund.doubled',
]);
/** Letters that a stranger can cause in another person's name without paying. */
const holdTypes: ReadonlySet<OutboundType> = new Set(['order.held', 'order.released']);
/** The subscriber, and what mails lost links beside the log (link-letters.ts). */
export interface MailFollower extends Follower {
  /** Mails the links of all orders of a customer. `letter` names the letter: another attempt has the same name. */
  sendLinks(customer: string, letter: string): Promise<Delivery>;
}

export function mailFollower({
  store,
  clock,
  ids,
  log,
  publicUrl,
  sendMail,
  operatorEmail,
  isHoldMailOn,
}: MailDeps): MailFollower {
  let lastAcceptedAt = 0;
  const lastSoldOut = new Map<number, number>();
  /** At the end of a drop holds run out and are taken anew: one letter tells it all. */
  const isNews = (dropId: number): boolean => {
    const isOld = clock.now() - (lastSoldOut.get(dropId) ?? 0) < SOLD_OUT_MAIL_INTERVAL_MS;
    if (!isOld) lastSoldOut.set(dropId, clock.now());
    return !isOld;
  };
  const orderUrl = (orderId: string): string => `${publicUrl()}/o/${orderId}#${ids.orderToken(orderId)}`;

  const send = async (event: string, to: string, letter: Letter): Promise<Delivery> => {
    const messageId = `<${event}@${new URL(publicUrl()).hostname}>`;
    const result = await sendMail({ to, messageId, ...letter });
    if (result.kind === 'sent') {
      lastAcceptedAt = clock.now();
      return 'done';
    }
    const facts = { event, code: result.code };
    if (result.kind === 'rejected') {
      log.warn(facts, 'a mail was refused for good');
      return 'done';
    }
    log.warn(facts, 'a mail will be tried again');
    return result.kind;
  };

  /** Null if a letter to a customer can be sent. Beyond the allowance, a letter about money waits and one about a hold is dropped. */
  const boundOf = async (to: string, type: OutboundType, seq: number): Promise<Delivery | null> => {
    const allowance = holdTypes.has(type) ? 'holds' : 'money';
    const { kind } = await store.submit({ kind: 'takeLetter', recipient: ids.customer(to), allowance, seq });
    if (kind === 'done') return null;
    if (kind !== 'letters_spent') return 'away';
    store.metrics.count('stampede_letters_over_bound_total', allowance);
    return allowance === 'holds' ? 'done' : 'late';
  };

  /** To the address that is stored with the newest order: a customer whose data is deleted gets no letter. */
  const sendLinks = async (customer: string, letter: string): Promise<Delivery> => {
    const orders = [...store.reads.orders({ customer }, LETTER_ORDERS_MAX)].flat();
    const to = orders.find(({ email }) => email !== null)?.email ?? null;
    const found = orders.flatMap((order) => {
      const drop = store.snapshot.get(order.dropId);
      // A drop that has moved shows its orders at its new place, which mails their links too.
      if (!drop || drop.movedAt || order.email === null) return [];
      const id = ids.order({ dropId: drop.id, orderId: order.id });
      const number = String(ids.orderNumber(order.id));
      return [{ number, title: drop.title, status: order.status, url: orderUrl(id) }];
    });
    return to === null || found.length === 0 ? 'done' : send(letter, to, linksLetter(found));
  };

  return {
    name: 'mail',
    kinds: outboundKinds,
    lastAcceptedAt: () => lastAcceptedAt,
    sendLinks,
    async deliver(logged) {
      const event = outboundEvent(logged, store, ids);
      if (!event) return 'done';
      const { type, drop, order } = event;
      // Read now and kept nowhere else: a customer whose data is deleted gets no more mail.
      if (type === 'order.dispute_closed') return 'done';
      const isForOperator = operatorTypes.has(type);
      if (drop && !order && !isNews(drop.id)) return 'done';
      const to = isForOperator || !order ? operatorEmail : order.email;
      if (to === null || (holdTypes.has(type) && !isHoldMailOn)) return 'done';
      // A letter that asks for money goes only to a customer who still owes it: it may be late, or come beside the next one.
      if (type === 'order.held' && (order?.status !== 'held' || order.holdExpiresAt <= clock.now()))
        return 'done';
      const bound = order && !isForOperator ? await boundOf(to, type, logged.seq) : null;
      if (bound) return bound;
      const orderId = order ? ids.order({ dropId: order.dropId, orderId: order.id }) : '';
      const links = {
        number: order ? String(ids.orderNumber(order.id)) : '',
        pay: `${publicUrl()}/pay/${orderId}`,
        // The token of an order is its customer's.
        order: isForOperator ? `${publicUrl()}/admin/ui/orders/${orderId}` : orderUrl(orderId),
        refunds: `${publicUrl()}/admin/ui/refunds`,
      };
      const sent = await send(event.id, to, letterOf(event, links));
      if (sent !== 'done' && drop && !order) lastSoldOut.delete(drop.id);
      return sent;
    },
  };
}
