/** Live stock at the edge: the number of streams that one address may have of a drop. */
import { expect, onTestFinished, test } from 'vitest';
import { ADDRESS_LISTENERS_MAX } from '../../src/limits.ts';
import { until } from '../support/shop.ts';
import { burst } from '../support/spent-quota.ts';
import { useEdgeShop } from './worker-under-test.ts';

const shop = useEdgeShop({ RATE_LIMIT: 'on' });

test('the live streams of one address are limited, also after the object slept', async () => {
  const drop = await shop.createDrop();
  const url = `${shop.server.url.replace('http', 'ws')}/drops/${drop.slug}/stock`;
  const sockets: WebSocket[] = [];
  onTestFinished(() => {
    for (const socket of sockets) socket.close();
  });
  /** Whether the stream was accepted. */
  const open = (address: string): Promise<boolean> => {
    // A header that browsers do not let a page set; Node's own client does.
    const socket = new WebSocket(url, { headers: { 'cf-connecting-ip': address } } as never);
    sockets.push(socket);
    return new Promise((resolve) => {
      socket.addEventListener('open', () => resolve(true), { once: true });
      socket.addEventListener('error', () => resolve(false), { once: true });
    });
  };
  for (let opened = 0; opened < ADDRESS_LISTENERS_MAX; opened += 50) {
    expect(await burst(50, () => open('192.0.2.1'))).not.toContain(false);
  }
  expect(await open('192.0.2.1')).toBe(false);
  expect(await open('192.0.2.2')).toBe(true);
  await shop.evict();
  expect(await open('192.0.2.1')).toBe(false);
  sockets[0]?.close();
  await until(
    () => open('192.0.2.1'),
    (isIn) => isIn,
  );
});
