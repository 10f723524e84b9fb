/** Validates the answers of payment providers, and defines the error for unreadable ones. */
import * as v from 'valibot';

/**
 * A provider's answer that differs from its documentation. The message quotes no value, because
 * values may be personal data.
 */
export class UnreadableAnswerError extends Error {
  constructor(path: string | null) {
    super(`The answer cannot be read${path === null ? '.' : `: ${path}.`}`);
    this.name = 'UnreadableAnswerError';
  }
}

/** Throws `UnreadableAnswerError` if the answer does not fit the schema. */
export function readAnswer<S extends v.GenericSchema>(schema: S, answer: unknown): v.InferOutput<S> {
  const parsed = v.safeParse(schema, answer);
  if (parsed.success) return parsed.output;
  throw new UnreadableAnswerError(v.getDotPath(parsed.issues[0]));
}

/** The readable answers of a list. Unreadable ones are added to `failures`. */
export async function* readEach<S extends v.GenericSchema>(
  schema: S,
  answers: AsyncIterable<unknown>,
  failures: UnreadableAnswerError[],
): AsyncGenerator<v.InferOutput<S>> {
  for await (const answer of answers) {
    const parsed = v.safeParse(schema, answer);
    if (parsed.success) yield parsed.output;
    else failures.push(new UnreadableAnswerError(v.getDotPath(parsed.issues[0])));
  }
}

/** A provider's own id of an object. */
export const reference = v.pipe(v.string(), v.regex(/^[^\p{Cc}]{1,255}$/u));

/** A state or a reason. Unknown ones are accepted. */
export const word = v.pipe(v.string(), v.maxLength(255));

/**
 * An amount in the provider's units. A hundred times as much is still a safe integer, which is the
 * most that a conversion multiplies by.
 */
export const amount = v.pipe(
  v.number(),
  v.safeInteger(),
  v.minValue(0),
  v.maxValue(Math.floor(Number.MAX_SAFE_INTEGER / 100)),
);

export const currencyCode = v.pipe(v.string(), v.regex(/^[a-z]{3}$/i), v.toUpperCase());

/** The end of the year 9999. */
const SECONDS_MAX = 253_402_300_799;

/** Epoch seconds; read as epoch milliseconds. */
export const seconds = v.pipe(
  v.number(),
  v.safeInteger(),
  v.minValue(1),
  v.maxValue(SECONDS_MAX),
  v.transform((time) => time * 1000),
);

const URL_CHARACTERS_MAX = 5_000;

/** The page where a buyer pays: by HTTPS, or at the configured API's own origin, as in tests. */
export const payUrl = (apiBase: string | null) =>
  v.pipe(
    v.string(),
    v.maxLength(URL_CHARACTERS_MAX),
    // Sent in a header, unchanged.
    v.regex(/^[\x21-\x7e]+$/),
    v.check((text) => {
      const url = URL.parse(text);
      if (url === null || url.username !== '' || url.password !== '') return false;
      return url.protocol === 'https:' || (apiBase !== null && url.origin === new URL(apiBase).origin);
    }),
  );
