/** Invariants after the kills: rows, the catalogue, relays, the index of customers and mail. */
import { judge, readOrders } from '../../src/crowd/judge.ts';
import { readFile } from '../../src/database/sqlite/file-rows.ts';
import { idsOfFile } from '../../src/database/sqlite/ids-of-file.ts';
import { shardIdOf, shardOfCustomer } from '../../src/domain/shard.ts';
import { contactOf } from '../reliability/shop-client.ts';
import { readJson } from '../support/client.ts';
import { databaseFilesOf, violationsOf } from '../support/database-files.ts';
import type { ReceivedEvent } from '../support/event-stream.ts';
import type { AdminDrop, Drop, Order } from '../support/shapes.ts';
import { sleep, until } from '../support/shop.ts';
import type { KilledCrowd } from './killed-crowd.ts';

/** The time until the last short holds have expired and are released, in milliseconds. */
const LAST_HOLDS_MS = 1_500;
/** Customers whose orders are looked up by address. */
const LOOK_UPS = 12;
/** Orders of other drops are not in the ledger. */
const sides = /^side-/;

type Units = Record<'available' | 'held' | 'sold', number>;
const unitsOf = (seen: { items: readonly Units[] } | undefined): Units | null => {
  const [item] = seen?.items ?? [];
  return item ? { available: item.available, held: item.held, sold: item.sold } : null;
};
const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Returns every finding; ends workerd. */
export async function findingsAfterKills(crowd: KilledCrowd): Promise<string[]> {
  await sleep(LAST_HOLDS_MS);
  const findings: string[] = [];
  for (const [id, stock] of crowd.operator.stock) findings.push(...(await findingsOfDrop(crowd, id, stock)));
  findings.push(...(await findingsOfIndex(crowd)), ...(await findingsOfMail(crowd)));
  await crowd.shop.server.stop();
  return [...findings, ...violationsOf(crowd.shop.server), ...findingsOfRows(crowd)];
}

/**
 * The stock as acknowledged to the operator; the same units in the list, from the relay and on the
 * live stream; a clean audit.
 */
async function findingsOfDrop(crowd: KilledCrowd, id: string, stock: number): Promise<string[]> {
  const { operator } = crowd;
  const drop = async () => readJson<AdminDrop>(await operator.answerTo({ path: `/admin/drops/${id}` }));
  const { slug } = await drop();
  const listed = async () => {
    const { drops } = readJson<{ drops: Drop[] }>(await operator.answerTo({ path: '/drops' }));
    const [found, ...others] = drops.filter((one) => one.slug === slug);
    return others.length === 0 ? unitsOf(found) : null;
  };
  const behind = async () => {
    const answer = await operator.answerTo({ path: `/readyz?dropId=${id}` });
    return readJson<{ catalogueEventsBehind: number }>(answer).catalogueEventsBehind;
  };
  const { truth, total } = await until(
    async () => {
      const { items } = await drop();
      return {
        truth: unitsOf({ items }),
        total: items[0]?.stock,
        list: await listed(),
        relay: unitsOf(readJson<Drop>(await operator.answerTo({ path: `/drops/${slug}` }))),
        listener: unitsOf(await receivedOf(crowd, slug)),
        behind: await behind(),
      };
    },
    (seen) =>
      seen.behind === 0 && [seen.list, seen.relay, seen.listener].every((units) => isSame(seen.truth, units)),
  );
  const certificate = readJson<{ violations: string[] }>(
    await operator.answerTo({ path: `/admin/drops/${id}/audit` }),
  );
  return [
    ...(total === stock ? [] : [`${slug} has a stock of ${total}, and its operator was told ${stock}`]),
    ...(truth && truth.held + truth.sold <= stock ? [] : [`${slug} is oversold: ${JSON.stringify(truth)}`]),
    ...certificate.violations.map((violation) => `${slug}: ${violation}`),
  ];
}

/** The first message that a new listener to the stock receives. */
async function receivedOf(crowd: KilledCrowd, slug: string): Promise<ReceivedEvent['data'] | undefined> {
  const socket = new WebSocket(`${crowd.shop.server.url.replace('http', 'ws')}/drops/${slug}/stock`);
  const received = Promise.withResolvers<ReceivedEvent['data'] | undefined>();
  socket.addEventListener('message', ({ data }) =>
    received.resolve((JSON.parse(String(data)) as ReceivedEvent).data),
  );
  socket.addEventListener('error', () => received.resolve(undefined));
  try {
    return await received.promise;
  } finally {
    socket.close();
  }
}

interface Placed {
  email: string;
  orderId: string;
  shardId: number;
}

/** The orders that the answers to the buyers contain. */
const placedBy = ({ ids, shards, ledger }: KilledCrowd): Placed[] =>
  ledger.calls().flatMap(({ invoked, result }) => {
    if (invoked.call !== 'purchase' || result?.kind !== 'ok') return [];
    const { email } = contactOf(invoked.customer);
    const shard = shardOfCustomer(ids.customer(email), shards);
    return [
      { email, orderId: result.orderId, shardId: shardIdOf(ids.parseDrop(invoked.dropId) ?? 0, shard) },
    ];
  });

/** The catalogue knows every customer, and an operator finds the orders of some of them. */
async function findingsOfIndex(crowd: KilledCrowd): Promise<string[]> {
  const { ids, operator, shop } = crowd;
  const placed = placedBy(crowd);
  const wanted = new Set(placed.map(({ email, shardId }) => `${ids.customer(email)} ${shardId}`));
  const rows = await until(
    () =>
      shop.catalogue<{ customer: string; shardId: number }>(
        'select customer, shard_id as "shardId" from customer_shards',
      ),
    (seen) => wanted.isSubsetOf(new Set(seen.map(({ customer, shardId }) => `${customer} ${shardId}`))),
  );
  const findings = rows.length >= wanted.size ? [] : ['the index of customers is incomplete'];
  const byEmail = Map.groupBy(placed, ({ email }) => email);
  for (const [email, theirs] of [...byEmail].slice(-LOOK_UPS)) {
    const answer = await operator.answerTo({ path: `/admin/orders?email=${encodeURIComponent(email)}` });
    const found = readJson<{ orders: Order[] }>(answer).orders.map(({ id }) => id);
    if (!isSame(found.toSorted(), theirs.map(({ orderId }) => orderId).toSorted()))
      findings.push(
        `${email} has other orders than ${theirs.map(({ orderId }) => orderId).join()}: ${found.join()}`,
      );
  }
  return findings;
}

/** Each customer with a paid order gets one e-mail. */
async function findingsOfMail({ ledger, mail, offers }: KilledCrowd): Promise<string[]> {
  const own = new Set(offers.filter(({ customers }) => customers === 'own').map(({ dropId }) => dropId));
  const emails = new Map<string, string>();
  const paid: string[] = [];
  for (const { invoked, result } of ledger.calls()) {
    if (result?.kind !== 'ok') continue;
    if (invoked.call === 'pay') paid.push(emails.get(invoked.orderId) ?? '');
    // The customers of one drop buy more than once.
    else if (invoked.call === 'purchase' && own.has(invoked.dropId))
      emails.set(result.orderId, contactOf(invoked.customer).email);
  }
  const reported = paid.filter((email) => email !== '');
  const mailsTo = (email: string): number =>
    mail.subjectsTo(email).filter((subject) => subject.startsWith('Paid: ')).length;
  await until(
    async () => reported.filter((email) => mailsTo(email) === 0),
    (missing) => missing.length === 0,
  );
  return reported
    .filter((email) => mailsTo(email) !== 1)
    .map((email) => `${email} got ${mailsTo(email)} e-mails about one payment`);
}

/** Compares the orders of every object with the ledger. */
function findingsOfRows({ ids, shards, ledger, shop }: KilledCrowd): string[] {
  const { secretKey } = shop.server;
  const orders = databaseFilesOf(shop.server).flatMap((file) =>
    readFile(file, (connection) => {
      const [drop] = connection.prepare<[], { id: number; slug: string }>('select id, slug from drops').all();
      const customer = connection.prepare<[], string>('select customer from orders limit 1').pluck().get();
      if (!drop || customer === undefined || sides.test(drop.slug)) return [];
      const shardId = shardIdOf(drop.id, shardOfCustomer(customer, shards));
      return readOrders(connection, idsOfFile(connection, secretKey, shardId));
    }),
  );
  return judge(ledger, orders, { ids, now: Date.now(), contactOf });
}
