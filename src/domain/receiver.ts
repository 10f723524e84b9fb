/** Somebody outside who is told what happens, as he was set up. */
export interface Receiver {
  /** Under which his place in the log is kept. */
  name: string;
  kind: 'webhook' | 'mail' | 'checkouts' | 'catalogue';
  /** Where he is told; null where there is nothing to say. Never a whole URL: its path may be a secret. */
  target: string | null;
}
