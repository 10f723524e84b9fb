/** The processor time of another process. */
import { readFileSync } from 'node:fs';

const ticksPerSecond = 100;

/**
 * Returns user and kernel time of all its threads, in milliseconds; null on a system without /proc.
 */
export function processorMs(pid: number): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
  } catch {
    return null;
  }
}
