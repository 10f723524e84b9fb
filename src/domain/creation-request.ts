/**
 * What identifies the creation of a drop at the edge, as the catalogue and the drop's objects store
 * it: a digest of the request and, with an Idempotency-Key, a space and the key's hash. A retry
 * sends the same value.
 */

const keyOf = (request: string): string | undefined => /^\S+ (.+)$/.exec(request)?.[1];

/** Whether the request can be repeated after the drop is complete. */
export const isKeyed = (request: string): boolean => keyOf(request) !== undefined;

/** Why a request can't have the slug of another request, `kept`. */
export const refusalBy = (kept: string | undefined, request: string): 'key_reused' | 'slug_taken' =>
  isKeyed(request) && kept !== undefined && keyOf(kept) === keyOf(request) ? 'key_reused' : 'slug_taken';
