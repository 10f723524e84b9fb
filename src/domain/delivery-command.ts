/** The commands of subscribers to the event log. */

/** Advances a subscriber's position, never back; creates it if there is none. */
export interface AdvanceSubscriber {
  kind: 'advanceSubscriber';
  name: string;
  /** Null: creates it at the end of the log, or leaves an existing one unchanged. */
  lastSeq: number | null;
}

/** Defers a delivery that its own recipient refuses for now. */
export interface DeferDelivery {
  kind: 'deferDelivery';
  subscriber: string;
  /** The event. */
  seq: number;
  orderId: number | null;
  nextAttemptAt: number;
}

/** Claims the next attempt of a deferred delivery. */
export interface BeginDeferredDelivery {
  kind: 'beginDeferredDelivery';
  subscriber: string;
  seq: number;
  /** Attempts before this one; refused if another process has claimed this attempt. */
  attempts: number;
  /** When the next attempt can start, unless this one ends the delivery. */
  nextAttemptAt: number;
}

/** Ends a deferred delivery that was made or given up. */
export interface EndDeferredDelivery {
  kind: 'endDeferredDelivery';
  subscriber: string;
  seq: number;
}

export const mailAllowances = ['holds', 'money', 'links'] as const;
/** The allowance of its recipient that an e-mail uses. */
export type MailAllowance = (typeof mailAllowances)[number];

/** Counts an e-mail about an event before it is sent. */
export interface CountMail {
  kind: 'countMail';
  /** Keyed hash of the address. */
  recipient: string;
  allowance: MailAllowance;
  /** The event; a retry of its delivery does not count again. */
  seq: number;
}

/** Requests lost links: the same work for every address, so that timing reveals no customer. */
export interface RequestLinks {
  kind: 'requestLinks';
  /** Keyed hash of the address. */
  recipient: string;
}

/** Ends a request: its e-mail was sent, there is none to send, or it is too late. */
export interface EndLinkRequest {
  kind: 'endLinkRequest';
  id: number;
  /** Time of the request, because an `id` is reused. */
  at: number;
}

export type DeliveryCommand =
  | AdvanceSubscriber
  | DeferDelivery
  | BeginDeferredDelivery
  | EndDeferredDelivery
  | CountMail
  | RequestLinks
  | EndLinkRequest;
