/** A queue that outlives workerd, as Cloudflare's does: Miniflare keeps messages in memory only. */
import type { QueueMessage } from '../../../src/edge/mail/queued.ts';

/** Stores each message in the catalogue's database before the queue accepts it. */
export const withKeptMessages = (queue: Queue<QueueMessage>, database: D1Database): Queue<QueueMessage> =>
  new Proxy(queue, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name);
      if (name !== 'send') return typeof found === 'function' ? found.bind(target) : found;
      return async (message: QueueMessage) => {
        const insert = 'insert into kept_messages (body) values (?)';
        await database.prepare(insert).bind(JSON.stringify(message)).run();
        return target.send(message);
      };
    },
  });

/** Runs a consumer, and deletes the messages that it has acknowledged. */
export async function consumeKept(
  batch: MessageBatch,
  database: D1Database,
  consume: (batch: MessageBatch) => Promise<void>,
): Promise<void> {
  const acknowledged: unknown[] = [];
  const messages = batch.messages.map(
    (message) =>
      new Proxy(message, {
        get(target, name) {
          const found: unknown = Reflect.get(target, name);
          if (name === 'ack') acknowledged.push(target.body);
          return typeof found === 'function' ? found.bind(target) : found;
        },
      }),
  );
  await consume(
    new Proxy(batch, { get: (target, name) => (name === 'messages' ? messages : Reflect.get(target, name)) }),
  );
  const remove = database.prepare('delete from kept_messages where body = ?');
  if (acknowledged.length > 0)
    await database.batch(acknowledged.map((body) => remove.bind(JSON.stringify(body))));
}
