/** The processor time of another process and of its threads; null on a system without /proc. */
import { readdirSync, readFileSync } from 'node:fs';

const ticksPerSecond = 100;
const nameAndFields = /^\d+ \((.*)\) (.*)$/s;

/** A thread's name, and its user and kernel time in milliseconds. */
interface ThreadTime {
  name: string;
  ms: number;
}

function readStat(file: string): ThreadTime {
  const [, name = '', rest = ''] = nameAndFields.exec(readFileSync(file, 'latin1')) ?? [];
  const fields = rest.split(' ');
  return { name, ms: ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond };
}

/** Returns user and kernel time of all its threads, in milliseconds. */
export function processorMs(pid: number): number | null {
  try {
    return readStat(`/proc/${pid}/stat`).ms;
  } catch {
    return null;
  }
}

/** Processor time, in milliseconds or in microseconds per request, by the duty of the threads. */
export interface ThreadTimes {
  /** The main thread, which answers requests. */
  http: number;
  writer: number;
  /** Compilers, collectors, the checkpoint and the runtime's own threads. */
  others: number;
}

/** Returns user and kernel time since the start of the process, in milliseconds. */
export function threadTimesMs(pid: number): ThreadTimes | null {
  const times: ThreadTimes = { http: 0, writer: 0, others: 0 };
  try {
    for (const id of readdirSync(`/proc/${pid}/task`)) {
      const { name, ms } = readStat(`/proc/${pid}/task/${id}/stat`);
      // src/split/thread.ts names the threads.
      const duty = Number(id) === pid ? 'http' : name === 'writer-thread' ? 'writer' : 'others';
      times[duty] += ms;
    }
  } catch {
    return null;
  }
  return times;
}
