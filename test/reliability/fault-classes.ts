/** The classes of faults, by which runs are counted, in the order of RELIABILITY.md. */

export const faultClasses = [
  'rules of the audit',
  'stock, limits and money',
  'several HTTP threads',
  'model and schedules',
  'linearizable histories',
  'power loss',
  'I/O errors',
  'a full disk',
  'a slow disk',
  'files that go away',
  'kill -9 at chosen places',
  'clock jumps',
  'long readers',
  'stalls',
  'out of memory',
  'threads that die',
  'two programs on one file',
  'rolling restarts and upgrades',
  'backups under load',
  'restore',
  'overload',
  'hostile requests and clients',
  'personal data',
  'edge runtime',
  'load test',
] as const;

export type FaultClass = (typeof faultClasses)[number];
