/** Who operates the shop, what each may do, and how a write of theirs is done only once. */

/** What a token may be good for; a route of /admin names the one that it needs. */
export const operatorScopes = [
  'drops:read',
  'drops:write',
  'drops:import',
  'orders:read',
  'orders:write',
  'refunds:write',
  'customers:erase',
  'audit:read',
  'backups:write',
] as const;
export type OperatorScope = (typeof operatorScopes)[number];

export interface Operator {
  /** As the event log names him: `operator`, or `operator:<name>`. */
  actor: string;
  scopes: ReadonlySet<OperatorScope>;
}

/** The holder of ADMIN_TOKEN, who may do everything. */
export const chiefOperator: Operator = { actor: 'operator', scopes: new Set(operatorScopes) };

/** The Idempotency-Key of an operator's write, as rows keep it. */
export interface OperatorKey {
  /** Keyed hash of the operator and the key. */
  key: string;
  /** Keyed hash of the request: a key belongs to one. */
  fingerprint: string;
}

/** A write that an operator may repeat under its key. */
export interface OperatorWrite {
  actor: string;
  once?: OperatorKey;
}
