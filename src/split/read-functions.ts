/** Functions of an application that read for long and answer part by part, in a read thread. */
import type { SqliteConnection } from './connection.ts';

/**
 * Yields its parts: each crosses to the caller as a structured clone, and the next step begins once the caller asks. An
 * `undefined` part is a step that has nothing to send yet: the thread rests and goes on. Holds no transaction over a `yield`.
 */
export type ReadFunction = (input: never) => Generator<unknown, void>;

/** What a module of read functions exports: binds them to the connection of a read thread. */
export interface ReadsModule<Options> {
  openReads(connection: SqliteConnection, options: Options): Record<string, ReadFunction>;
}
