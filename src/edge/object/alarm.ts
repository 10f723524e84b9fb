/** The one alarm of an object, moved only where that makes it earlier: each move is a row that is paid for. */
import { ALARM_LATE_MS } from '../../limits.ts';

/** The part of an object's storage that is needed here. */
interface AlarmStorage {
  setAlarm(at: number): Promise<void>;
}

export class ObjectAlarm {
  readonly #storage: AlarmStorage;
  /** Epoch milliseconds; null where none is set. */
  #at: number | null;

  /** `at` is what the storage says when the object wakes. */
  constructor(storage: AlarmStorage, at: number | null) {
    this.#storage = storage;
    this.#at = at;
  }

  /** It should have gone off long ago: the platform gives an alarm up after six failures. Then it counts as not set. */
  isLost(now: number): boolean {
    if (this.#at !== null && this.#at > now - ALARM_LATE_MS) return false;
    this.#at = null;
    return true;
  }

  /** To be called first thing when it goes off: the platform has taken it away. */
  hasGoneOff(): void {
    this.#at = null;
  }

  /** Within a transaction it is set with the rows or not at all. */
  ringBy(at: number | null): void {
    if (at === null || (this.#at !== null && this.#at <= at)) return;
    this.#at = at;
    // Not awaited: it is written with the transaction around it, and the platform holds every answer back until then.
    void this.#storage.setAlarm(at);
  }
}
