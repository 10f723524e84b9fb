/** Faults of the metrics of Workers that this house must never have, each with the test that must notice it. */
import type { Fault } from './fault.ts';

const scrape = 'src/edge/metrics.ts';
const front = 'src/edge/front/front.ts';
const edge = ['test/edge/metrics.test.ts'];
const unit = ['test/unit/edge/edge-metrics.test.ts'];

export const edgeMetricFaults: readonly Fault[] = [
  {
    class: 'edge runtime',
    name: 'the metrics of a drop with shards are those of the first one',
    patches: [
      {
        file: front,
        search: 'metrics.ofDrop(c.req.url, found.drop, found.shardIds)',
        replace: 'metrics.ofDrop(c.req.url, found.drop, found.shardIds.slice(0, 1))',
      },
    ],
    tests: edge,
    caughtBy: 'of a drop with shards tell what each has counted',
  },
  {
    class: 'hostile requests and clients',
    name: 'the scrape of a stranger wakes every object of a drop',
    patches: [
      {
        file: front,
        search: 'if (!frontApp.isOperator(c)) return metrics',
        replace: 'if (c.req.url === "") return metrics',
      },
    ],
    tests: edge,
    caughtBy: 'a stranger hears of units alone',
  },
  {
    class: 'edge runtime',
    name: 'an object that cannot be reached is missing from the metrics',
    patches: [{ file: scrape, search: "? 'absent' : 'unreachable'", replace: "? 'absent' : 'absent'" }],
    tests: edge,
    caughtBy: 'count the objects that cannot be reached',
  },
  {
    class: 'edge runtime',
    name: 'a scrape asks every object that there is',
    patches: [
      { file: scrape, search: 'shardIds.slice(0, SCRAPE_OBJECTS_MAX)', replace: 'shardIds.slice(0)' },
    ],
    tests: unit,
    caughtBy: 'as many objects as one scrape may ask',
  },
  {
    class: 'edge runtime',
    name: 'a scrape waits for an object that does not answer',
    patches: [{ file: scrape, search: 'SCRAPE_WAIT_MS, ()', replace: '9 * SCRAPE_WAIT_MS, ()' }],
    tests: unit,
    caughtBy: 'an object that does not answer counts as unreachable',
  },
  {
    class: 'edge runtime',
    name: 'the metrics tell no backlog of the mail queue',
    patches: [
      { file: scrape, search: 'mailQueueFamilies(found.backlogCount,', replace: 'mailQueueFamilies(0,' },
    ],
    tests: edge,
    caughtBy: 'tell how many letters the queue holds',
  },
];
