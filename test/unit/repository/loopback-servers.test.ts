/** The tests' loopback servers survive a connection that a killed server resets. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { LoopbackPayos } from '../../support/loopback-payos.ts';
import { LoopbackStripe } from '../../support/loopback-stripe.ts';
import { MailReceiver, WebhookReceiver } from '../../support/receivers.ts';
import { until } from '../../support/shop.ts';

async function connectTo(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  return socket;
}

/** Waits for the last line of an SMTP answer with the code. */
async function answered(socket: Socket, code: number): Promise<void> {
  let text = '';
  while (!new RegExp(`^${code} .*\r\n`, 'm').test(text)) text += String((await once(socket, 'data'))[0]);
}

const started = async <SubscriberInfo extends { listen(): Promise<unknown>; close(): Promise<void> }>(
  receiver: SubscriberInfo,
): Promise<SubscriberInfo> => {
  await receiver.listen();
  onTestFinished(() => receiver.close());
  return receiver;
};

describe('a connection that resets', () => {
  test.each([
    ['receiver of webhooks', () => new WebhookReceiver()],
    ['loopback Stripe', () => new LoopbackStripe()],
    ['loopback payOS', () => new LoopbackPayos()],
  ])('within a body is counted by the %s', async (_, create) => {
    const server = await started<WebhookReceiver | LoopbackStripe | LoopbackPayos>(create());
    const socket = await connectTo(server.url);
    socket.write(
      'POST /v1/refunds HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\nhalf',
    );
    // The server has read the head: it requests the body.
    await once(socket, 'data');
    socket.resetAndDestroy();
    expect(await until(async () => server.cutOff, Boolean)).toBe(1);
    const { status } = await fetch(server.url, { method: 'POST', body: 'whole' });
    expect(status).toBeGreaterThan(0);
  });

  test('within a message is counted by the receiver of mail', async () => {
    const mail = await started(new MailReceiver());
    const socket = await connectTo(mail.url);
    await answered(socket, 220);
    socket.write('EHLO a\r\n');
    await answered(socket, 250);
    socket.write('MAIL FROM:<shop@example.com>\r\n');
    await answered(socket, 250);
    socket.resetAndDestroy();
    expect(await until(async () => mail.cutOff, Boolean)).toBe(1);
  });
});
