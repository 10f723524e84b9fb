/** The commands of subscribers to the event log. */

/** Advances a subscriber's position, never back; creates it if there is none. */
export interface AdvanceFollower {
  kind: 'advanceFollower';
  name: string;
  /** Null: creates it at the end of the log, or leaves an existing one unchanged. */
  lastSeq: number | null;
}

/** Parks a delivery that its own recipient refuses for now. */
export interface ParkDelivery {
  kind: 'parkDelivery';
  subscriber: string;
  /** The event. */
  seq: number;
  orderId: number | null;
  nextAttemptAt: number;
}

/** Takes the next turn of a parked delivery. */
export interface BeginLateDelivery {
  kind: 'beginLateDelivery';
  subscriber: string;
  seq: number;
  /** Attempts before this one: a turn that another process has taken is refused. */
  attempts: number;
  /** When the next attempt can start, unless this one ends the delivery. */
  nextAttemptAt: number;
}

/** A parked delivery was made or given up. */
export interface EndLateDelivery {
  kind: 'endLateDelivery';
  subscriber: string;
  seq: number;
}

export const letterAllowances = ['holds', 'money', 'links'] as const;
/** The subject of a letter decides which of its recipient's allowances it uses. */
export type LetterAllowance = (typeof letterAllowances)[number];

/** Counts a letter about an event before it is sent. */
export interface TakeLetter {
  kind: 'takeLetter';
  /** Keyed hash of the address. */
  recipient: string;
  allowance: LetterAllowance;
  /** The event: another attempt to deliver it does not count again. */
  seq: number;
}

/** A request for lost links: the same work for every address, so that a stranger cannot see whether it is a customer's. */
export interface RequestLinks {
  kind: 'requestLinks';
  /** Keyed hash of the address. */
  recipient: string;
}

/** The letter of a request was sent, or there is none to send, or it is too late. */
export interface EndLinkRequest {
  kind: 'endLinkRequest';
  id: number;
  /** When it was made: an `id` is used again. */
  at: number;
}

export type DeliveryCommand =
  | AdvanceFollower
  | ParkDelivery
  | BeginLateDelivery
  | EndLateDelivery
  | TakeLetter
  | RequestLinks
  | EndLinkRequest;
