/** A configured recipient of events. */
export interface Receiver {
  /** Name under which its position in the log is stored. */
  name: string;
  kind: 'webhook' | 'mail' | 'checkouts' | 'catalogue';
  /**
   * Where events go; null if there is nothing to show. Never a whole URL, because its path may be a
   * secret.
   */
  target: string | null;
}
