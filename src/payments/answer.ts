/** What every answer of a payment provider must be before anything believes it, and the error of one that is not. */
import * as v from 'valibot';

/** A provider has sent something else than it documents. No value of it is repeated, because it may be personal data. */
export class UnreadableAnswerError extends Error {
  constructor(path: string | null) {
    super(`The answer cannot be read${path === null ? '.' : `: ${path}.`}`);
    this.name = 'UnreadableAnswerError';
  }
}

/** Throws `UnreadableAnswerError` where the answer does not fit. */
export function readAnswer<S extends v.GenericSchema>(schema: S, answer: unknown): v.InferOutput<S> {
  const parsed = v.safeParse(schema, answer);
  if (parsed.success) return parsed.output;
  throw new UnreadableAnswerError(v.getDotPath(parsed.issues[0]));
}

/** The answers of a list that can be read. One that can't is noted in `failures`, and keeps no other from being read. */
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

/** A provider's own id of something. */
export const reference = v.pipe(v.string(), v.regex(/^[^\p{Cc}]{1,255}$/u));

/** A state or a reason. One that is new is no fault. */
export const word = v.pipe(v.string(), v.maxLength(255));

/** In the provider's units. A hundred times as much is still a safe integer: no conversion of units goes beyond that. */
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

/** Where a buyer pays: by HTTPS, or at the provider itself where its API is configured to be elsewhere, as in tests. */
export const payUrl = (apiBase: string | null) =>
  v.pipe(
    v.string(),
    v.maxLength(URL_CHARACTERS_MAX),
    // It goes into a header, as it is.
    v.regex(/^[\x21-\x7e]+$/),
    v.check((text) => {
      const url = URL.parse(text);
      if (url === null || url.username !== '' || url.password !== '') return false;
      return url.protocol === 'https:' || (apiBase !== null && url.origin === new URL(apiBase).origin);
    }),
  );
