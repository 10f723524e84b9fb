/** Functions of an application that read for long and answer in parts, in a read thread. */
import type { SqliteConnection } from './connection.ts';

/**
 * Yields its parts: each crosses to the caller as a structured clone, and the next step begins when
 * the caller asks for it. An `undefined` part is a step with nothing to send yet: the thread rests
 * and goes on. Must not hold a transaction open across a `yield`.
 */
export type ReadFunction = (input: never) => Generator<unknown, void>;

/** A module of read functions, which it binds to the connection of a read thread. */
export interface ReadsModule<Options> {
  openReads(connection: SqliteConnection, options: Options): Record<string, ReadFunction>;
}
