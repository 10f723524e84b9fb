/** Tells customers by e-mail what became of their orders, and the operator that a drop is sold out. */
import type { Clock } from '../clock.ts';
import type { Store } from '../database/store.ts';
import type { Ids } from '../ids.ts';
import { SOLD_OUT_MAIL_INTERVAL_MS } from '../limits.ts';
import type { Log } from '../log.ts';
import type { Follower } from './follow.ts';
import { type Letter, letterOf } from './mail-templates.ts';
import { outboundEvent, outboundKinds } from './outbound-event.ts';

export interface Mail extends Letter {
  to: string;
  /** The same for every delivery of one letter: by it a duplicate can be recognised. */
  messageId: string;
}

/** `rejected`: this recipient will never take it. `code` says why, without the address. */
export type SendResult = { kind: 'sent' } | { kind: 'retry' | 'rejected'; code: string };
export type SendMail = (mail: Mail) => Promise<SendResult>;

export interface MailDeps {
  store: Store;
  clock: Clock;
  ids: Ids;
  log: Log;
  publicUrl: () => string;
  sendMail: SendMail;
  /** Who hears that a drop is sold out; null: nobody. */
  operatorEmail: string | null;
}

export function mailFollower({
  store,
  clock,
  ids,
  log,
  publicUrl,
  sendMail,
  operatorEmail,
}: MailDeps): Follower {
  const lastSoldOut = new Map<number, number>();
  /** At the end of a drop holds run out and are taken anew: one letter tells it all. */
  const isNews = (dropId: number): boolean => {
    const isOld = clock.now() - (lastSoldOut.get(dropId) ?? 0) < SOLD_OUT_MAIL_INTERVAL_MS;
    if (!isOld) lastSoldOut.set(dropId, clock.now());
    return !isOld;
  };

  return {
    name: 'mail',
    kinds: outboundKinds,
    async deliver(logged) {
      const event = outboundEvent(logged, store, ids);
      if (!event) return 'done';
      const { type, drop, order } = event;
      // Asked for now, and kept nowhere else: who was erased gets no more mail.
      const to = order ? order.email : isNews(drop.id) ? operatorEmail : null;
      if (to === null) return 'done';
      // A letter that asks for money goes only to who still owes it: it may be late, or come beside the next one.
      if (type === 'order.held' && (order?.status !== 'held' || order.holdExpiresAt <= clock.now()))
        return 'done';
      const orderId = order ? ids.order({ dropId: drop.id, orderId: order.id }) : '';
      const links = {
        number: order ? String(ids.orderNumber(order.id)) : '',
        pay: `${publicUrl()}/pay/${orderId}`,
        order: `${publicUrl()}/o/${orderId}#${ids.orderToken(orderId)}`,
      };
      const messageId = `<${event.id}@${new URL(publicUrl()).hostname}>`;
      const result = await sendMail({ to, messageId, ...letterOf(event, links) });
      if (result.kind === 'sent') return 'done';
      const facts = { event: event.id, code: result.code };
      if (result.kind === 'rejected') {
        log.warn(facts, 'a mail was refused for good');
        return 'done';
      }
      log.warn(facts, 'a mail will be tried again');
      if (!order) lastSoldOut.delete(drop.id);
      return 'retry';
    },
  };
}
