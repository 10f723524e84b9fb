/** The commands of those that subscribe to the event log. */

/** Moves a follower of the event log on; it is made where there is none. It never goes back. */
export interface AdvanceFollower {
  kind: 'advanceFollower';
  name: string;
  /** Null: makes it at the end of the log, and leaves it where it is when it exists. */
  lastSeq: number | null;
}

/** Moves a delivery that its own recipient refuses for now out of what a subscriber reads in order. */
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
  /** When the next attempt may begin, unless this one ends it. */
  nextAttemptAt: number;
}

/** A parked delivery was made or given up. */
export interface EndLateDelivery {
  kind: 'endLateDelivery';
  subscriber: string;
  seq: number;
}

export const letterAllowances = ['holds', 'money', 'links'] as const;
/** What a letter is about decides from which of its recipient's allowances it is taken. */
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

/** A request for lost links: the same work for every address, so that nothing outside shows whether it is a customer's. */
export interface RequestLinks {
  kind: 'requestLinks';
  /** Keyed hash of the address. */
  recipient: string;
  /** Its newest order that still has an address; null where there is none. */
  order: { id: number; dropId: number } | null;
}

export type DeliveryCommand =
  | AdvanceFollower
  | ParkDelivery
  | BeginLateDelivery
  | EndLateDelivery
  | TakeLetter
  | RequestLinks;
