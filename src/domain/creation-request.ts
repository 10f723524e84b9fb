/**
 * What identifies the creation of a drop at the edge, as the catalogue and the drop's objects keep it: a digest of what is asked for and,
 * where the creation has an Idempotency-Key, a space and the key's hash. A retry sends the same one.
 */

const keyOf = (request: string): string | undefined => /^\S+ (.+)$/.exec(request)?.[1];

/** Whether the request can be repeated after the drop is complete. */
export const isKeyed = (request: string): boolean => keyOf(request) !== undefined;

/** Why a request can't have the slug that another one, `kept`, has. */
export const refusalBy = (kept: string | undefined, request: string): 'key_reused' | 'slug_taken' =>
  isKeyed(request) && kept !== undefined && keyOf(kept) === keyOf(request) ? 'key_reused' : 'slug_taken';
