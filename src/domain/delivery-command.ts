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

export type DeliveryCommand = AdvanceFollower | ParkDelivery | BeginLateDelivery | EndLateDelivery;
