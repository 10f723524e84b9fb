/** The thread that checks the images of a record. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Lie } from './crash-images.ts';
import { judgeImages } from './judge-images.ts';
import { readRecord } from './record.ts';

export interface JudgeJob {
  recordFile: string;
  seeds: readonly number[];
  lie: Lie;
  folder: string;
  from: number;
}

const { recordFile, seeds, lie, folder, from }: JudgeJob = workerData;
parentPort?.postMessage(judgeImages(readRecord(recordFile), seeds, lie, folder, from));
