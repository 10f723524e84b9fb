/** Bounds of the split that no option sets. */

/** How long a commit of another process may stay undetected while this writer is idle. */
export const FOREIGN_COMMIT_POLL_MS = 100;
/** How long a transaction may keep every other write waiting, unless the application sets it. */
export const TRANSACTION_TIMEOUT_MS = 2_000;
/** Transactions of one thread that may wait for each other: each takes at least an fsync. */
export const TRANSACTIONS_WAITING_MAX = 1_000;
/** A transaction that kept other writes waiting for longer is reported. */
export const SLOW_TRANSACTION_MS = 250;
/** A page in the write-ahead log, with its header. */
export const WAL_FRAME_BYTES = 4_096 + 24;
/** WAL pages after which the checkpoint starts, off the writer's path. */
export const CHECKPOINT_START_PAGES = 4_000;
/** WAL pages at which the writer waits for the copy to end: the cap on the file, 256 MiB. */
export const CHECKPOINT_CAP_PAGES = 65_536;
/** Size of the WAL's index that a start reserves: 32 KiB per 4,096 pages, for 1.5 times the cap. */
export const INDEX_BYTES = ((CHECKPOINT_CAP_PAGES * 1.5) / 4_096) * 32_768;
export const WRITER_CACHE_KIB = 65_536;
/** Small, so that a hundred readers that have scanned stay near 100 MB. */
export const READER_CACHE_KIB = 1_024;
/** How often queued work is checked against its deadline. */
export const DEADLINE_CHECK_MS = 50;
/** Statements of `db.parallel` at one time, even on one core: a long one must not block all. */
export const READ_THREADS_MIN = 2;
/** Idle time after which a read thread ends: each keeps a connection and some 10 MB. */
export const READ_THREAD_IDLE_MS = 10_000;
/** A read function's rest after each step, in step times: writes must not become slower. */
export const READ_REST_FACTOR = 4;
/** The longest rest: enough for a checkpoint to copy and reset the WAL between two steps. */
export const READ_REST_MAX_MS = 1_000;
