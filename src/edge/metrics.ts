/**
 * GET /metrics of a Worker: the stock of its drops; for operators, also metrics of objects and the
 * mail queue.
 */
import packageJson from '../../package.json' with { type: 'json' };
import type { Drop } from '../domain/drop.ts';
import { shardOf, UNCLAIMED } from '../domain/shard.ts';
import type { Figures } from '../http/figures.ts';
import { gauge, infoFamily, metricsAnswer, unitsFamily } from '../http/metrics.ts';
import { type Family, joinedMetricsText, type Part } from '../http/metrics-text.ts';
import { problem } from '../http/problem.ts';
import type { Log } from '../log.ts';
import type { Clock } from '../split/clock.ts';
import { inParallel } from './in-parallel.ts';
import { OBJECTS_AT_A_TIME, SCRAPE_OBJECTS_MAX, SCRAPE_WAIT_MS } from './limits.ts';

/** An object's metrics. Without a slug, those of the object for payments without an order. */
export type ObjectFigures = Figures & { slug: string };

/** Path internal to objects: the Worker never forwards a client's request to it. */
export const figuresPath = '/figures';

interface EdgeMetricsDeps {
  /** Answers 503 where the object is unreachable. */
  askObject(shardId: number, request: Request): Promise<Response>;
  /** The platform's queue; null if the Worker sends no mail. */
  queue: { metrics(): Promise<{ backlogCount: number; oldestMessageTimestamp?: Date }> } | null;
  clock: Clock;
  log: Log;
}

/** Counts the objects that a scrape has queried, by result. */
export const objectsFamily = (counts: Readonly<Record<string, number>>): Family =>
  gauge(
    'objects',
    `Objects that this scrape has queried, and those beyond the limit of ${SCRAPE_OBJECTS_MAX}.`,
    Object.entries(counts).map(([state, value]) => ({ labels: { state }, value })),
  );

/** Metrics of the mail queue, from the figures of the platform. */
export const mailQueueFamilies = (messages: number, oldestAt: number | null, now: number): Family[] => [
  gauge('mail_queue_messages', 'E-mails in the mail queue, including retries.', [{ value: messages }]),
  gauge('mail_queue_oldest_seconds', 'Age of the oldest e-mail in the mail queue; 0 if there is none.', [
    { value: oldestAt === null ? 0 : Math.max(0, now - oldestAt) / 1000 },
  ]),
];

export class EdgeMetrics {
  readonly #deps: EdgeMetricsDeps;

  constructor(deps: EdgeMetricsDeps) {
    this.#deps = deps;
  }

  /** Answers a scrape without credentials: queries no object. */
  forAnyone(drops: readonly Drop[]): Response {
    return this.#answer(drops, [], []);
  }

  /** Answers with the metrics of one drop's objects. `url` is that of the scrape. */
  async ofDrop(url: string, drop: Drop, shardIds: readonly number[]): Promise<Response> {
    const { parts, families } = await this.#scrape(url, shardIds);
    return this.#answer([drop], parts, families);
  }

  /**
   * Answers with the metrics of the newest drops' objects and of the mail queue. `shardIds` begins
   * with the newest.
   */
  async ofAll(url: string, drops: readonly Drop[], shardIds: readonly number[]): Promise<Response> {
    const [visited, queue] = await Promise.all([
      this.#scrape(url, [UNCLAIMED, ...shardIds]),
      this.#mailQueue(),
    ]);
    return this.#answer(drops, visited.parts, [...visited.families, ...queue]);
  }

  #answer(drops: readonly Drop[], parts: readonly Part[], families: readonly Family[]): Response {
    const info = infoFamily({ version: packageJson.version, runtime: 'workerd' });
    const own = [unitsFamily(drops, this.#deps.clock.now()), ...families, info];
    return metricsAnswer(joinedMetricsText(parts, own));
  }

  async #scrape(url: string, shardIds: readonly number[]): Promise<{ parts: Part[]; families: Family[] }> {
    const asked = shardIds.slice(0, SCRAPE_OBJECTS_MAX);
    const answers = await inParallel(asked, OBJECTS_AT_A_TIME, (shardId) => this.#ask(url, shardId));
    const parts = answers.filter((answer) => typeof answer === 'object');
    const unreachable = answers.filter((answer) => answer === 'unreachable').length;
    const counts = { answered: parts.length, unreachable, left_out: shardIds.length - asked.length };
    return { parts, families: [objectsFamily(counts)] };
  }

  /** Queries one object; `absent` where no drop was created. */
  async #ask(url: string, shardId: number): Promise<Part | 'unreachable' | 'absent'> {
    const { askObject, clock } = this.#deps;
    const late = new Promise<Response>((resolve) =>
      clock.after(SCRAPE_WAIT_MS, () => resolve(problem('overloaded'))),
    );
    // An object sends buyers back to the origin of its last request, so keep the scrape's origin.
    const request = new Request(new URL(figuresPath, url));
    const answer = await Promise.race([askObject(shardId, request), late]);
    if (!answer.ok) return answer.status === 404 ? 'absent' : 'unreachable';
    const { slug, counted, families } = (await answer.json()) as ObjectFigures;
    return { labels: { drop: slug, shard: String(shardOf(shardId)) }, counted, families };
  }

  async #mailQueue(): Promise<Family[]> {
    const { queue, clock, log } = this.#deps;
    try {
      const found = await queue?.metrics();
      if (!found) return [];
      // For an empty queue, workerd reports the time 0.
      const oldestAt = found.oldestMessageTimestamp?.getTime() || null;
      return mailQueueFamilies(found.backlogCount, oldestAt, clock.now());
    } catch (error) {
      log.warn({ error: String(error) }, 'the size of the mail queue is unknown');
      return [];
    }
  }
}
