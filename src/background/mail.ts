/**
 * E-mails customers about their orders and sends requested links; e-mails the operator about
 * sell-outs, disputes and failed refunds.
 */
import type { Log } from '../log.ts';
import { createEventMails, type Draft, type EventMailsDeps, linksDraft, type Mail } from './event-mails.ts';
import type { Delivery, Subscriber } from './subscriber.ts';

/**
 * `rejected`: this recipient refuses the e-mail for good. `deferred`: this recipient refuses it for
 * now. `unavailable`: the mail server accepts nothing from us, or is down. `code` says why, without
 * the address. `retryAfterSeconds`: how long the mail server asks us to wait.
 */
export type SendResult =
  | { kind: 'sent' }
  | { kind: 'rejected' | 'deferred' | 'unavailable'; code: string; retryAfterSeconds?: number };
export type SendMail = (mail: Mail) => Promise<SendResult>;

/** Sends e-mails until it is closed. */
export interface MailSender {
  sendMail: SendMail;
  close(): void;
}

export interface MailDeps extends EventMailsDeps {
  log: Log;
  sendMail: SendMail;
}

/**
 * The subscriber, and the sender of requested links, which are not in the log (link-mails.ts).
 */
export interface MailSubscriber extends Subscriber {
  /** E-mails the links of all orders of a customer. `mailId` stays the same for a retry. */
  sendLinks(customer: string, mailId: string): Promise<Delivery>;
}

/** Logs why an e-mail was not sent. */
export function deliveryOf(result: SendResult, event: string, log: Log): Delivery {
  if (result.kind === 'sent') return 'done';
  const facts = { event, code: result.code };
  if (result.kind === 'rejected') {
    log.warn(facts, 'an e-mail was refused for good');
    return 'done';
  }
  log.warn(facts, 'an e-mail will be retried');
  return result.kind;
}

export function mailSubscriber({ log, sendMail, ...deps }: MailDeps): MailSubscriber {
  const mails = createEventMails(deps);
  let lastAcceptedAt = 0;
  const send = async (draft: Draft): Promise<Delivery> => {
    const result = await sendMail(draft.mail);
    if (result.kind === 'sent') lastAcceptedAt = deps.clock.now();
    return deliveryOf(result, draft.event, log);
  };
  return {
    name: 'mail',
    kinds: mails.kinds,
    lastAcceptedAt: () => lastAcceptedAt,
    async sendLinks(customer, mailId) {
      const found = mails.ordersOf(customer);
      return found ? send(linksDraft(mailId, found, deps.publicUrl())) : 'done';
    },
    async deliver(logged) {
      const draft = await mails.about(logged);
      return typeof draft === 'string' ? draft : send(draft);
    },
  };
}
