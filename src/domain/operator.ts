/** Who operates the shop, and what each may do. */

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
