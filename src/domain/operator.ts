/** Operators, their scopes, and the Idempotency-Keys of their writes. */

/** Scopes of tokens; each route of /admin requires one. */
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
  /** Name in the event log: `operator`, or `operator:<name>`. */
  actor: string;
  scopes: ReadonlySet<OperatorScope>;
}

/** The holder of ADMIN_TOKEN, with every scope. */
export const adminTokenOperator: Operator = { actor: 'operator', scopes: new Set(operatorScopes) };

/** The Idempotency-Key of an operator's write, as stored. */
export interface OperatorKey {
  /** Keyed hash of the operator and the key. */
  key: string;
  /** Keyed hash of the request; a key belongs to one request. */
  fingerprint: string;
}

/** A write that an operator can repeat under its key. */
export interface OperatorWrite {
  actor: string;
  once?: OperatorKey;
}
