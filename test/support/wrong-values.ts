/** Answers of a faulty provider: one field at a time is missing, null, or of another type. */

/** Undefined removes the field. */
export const wrongValues: readonly unknown[] = [
  undefined,
  null,
  {},
  [],
  '',
  -1,
  0.5,
  1e300,
  'x'.repeat(10_000),
];

/** The answer with another value at a path such as `data.transactions.0.amount`. */
export function withValue(json: unknown, path: string, value: unknown): unknown {
  const [name = '', ...others] = path.split('.');
  if (name === '') return value;
  const copy = structuredClone(json) as Record<string, unknown>;
  copy[name] = withValue(copy[name], others.join('.'), value);
  return copy;
}
