/**
 * The single alarm of an object. Set only to an earlier time, because each write is a billed row.
 */
import { ALARM_LATE_MS } from '../../limits.ts';

/** The part of an object's storage that is used here. */
interface AlarmStorage {
  setAlarm(at: number): Promise<void>;
}

export class ObjectAlarm {
  readonly #storage: AlarmStorage;
  /** Epoch milliseconds; null where none is set. */
  #at: number | null;

  /** `at` is the alarm in storage when the object wakes. */
  constructor(storage: AlarmStorage, at: number | null) {
    this.#storage = storage;
    this.#at = at;
  }

  /**
   * Whether the alarm is long overdue: the platform gives up after six failures. A lost alarm then
   * counts as not set.
   */
  isLost(now: number): boolean {
    if (this.#at !== null && this.#at > now - ALARM_LATE_MS) return false;
    this.#at = null;
    return true;
  }

  /** Marks the alarm as not set. Call it first in the handler: the platform has cleared it. */
  hasFired(): void {
    this.#at = null;
  }

  /**
   * Sets the alarm to `at`, unless an earlier one is set. In a transaction, commits or rolls back
   * with the rows.
   */
  ringBy(at: number | null): void {
    if (at === null || (this.#at !== null && this.#at <= at)) return;
    this.#at = at;
    // Not awaited: the platform writes it with the transaction, and holds back answers until then.
    void this.#storage.setAlarm(at);
  }
}
