/** A configured recipient of events. */
export interface SubscriberInfo {
  /** Name under which its position in the log is stored. */
  name: string;
  kind: 'webhook' | 'mail' | 'checkouts' | 'catalogue';
  /** The destination; null if there is none. Never a whole URL, whose path may be a secret. */
  target: string | null;
}
