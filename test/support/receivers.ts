/**
 * The subscribers of the tests: an HTTP receiver of signed webhooks and an SMTP server, both real
 * and on loopback.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { Webhook } from 'standardwebhooks';
import type { RuntimeName } from './server-process.ts';
import { isOfClosedConnection, wholeBody } from './whole-body.ts';

export interface ReceivedWebhook {
  id: string;
  type: string;
  data: { order?: { id: string; status: string }; drop?: { id: string }; refund?: unknown; reason?: string };
}

/** A webhook receiver; `answer` is a status, null to close the socket, or a promise of either. */
export class WebhookReceiver {
  readonly secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  readonly received: ReceivedWebhook[] = [];
  /** Deliveries with an invalid signature. */
  forged = 0;
  attempts = 0;
  /** Requests whose client closed the connection before their end, as a killed server does. */
  cutOff = 0;
  answer: () => number | null | Promise<number | null> = () => 200;
  /** The same for the delivery with this id; null falls back to `answer`. */
  answerTo: (id: string) => number | null = () => null;
  /** The ids of all deliveries, in order, one entry per attempt. */
  readonly tried: string[] = [];
  readonly #server: Server = createServer(async (request, response) => {
    const body = await wholeBody(request);
    if (body === null) {
      this.cutOff += 1;
      return;
    }
    this.attempts += 1;
    const id = String(request.headers['webhook-id']);
    this.tried.push(id);
    const status = this.answerTo(id) ?? (await this.answer());
    if (status === null) return void request.socket.destroy();
    try {
      new Webhook(this.secret).verify(body, request.headers as Record<string, string>);
      if (status < 300) this.received.push({ id, ...JSON.parse(body) });
    } catch {
      this.forged += 1;
    }
    response.writeHead(status, status === 302 ? { location: this.url } : {}).end();
  });

  async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  /** The types of the events about an order, once per id. */
  typesOf(orderId: string): string[] {
    const mine = this.received.filter(({ data }) => data.order?.id === orderId);
    return [...new Map(mine.map(({ id, type }) => [id, type])).values()].sort();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

export interface ReceivedMail {
  to: string;
  text: string;
}

/**
 * A mail server; `refuse` and `refuseSender` return the SMTP code that refuses a recipient or the
 * sender, if any.
 */
export class MailReceiver {
  readonly received: ReceivedMail[] = [];
  /** Messages whose client reset the connection before their end, as a killed server does. */
  cutOff = 0;
  refuse: (to: string) => number | null = () => null;
  refuseSender: () => number | null = () => null;
  readonly #server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    allowInsecureAuth: true,
    // No account exists: every login fails.
    onAuth: (_auth, _session, done) => done(new Error('no')),
    onMailFrom: (_address, _session, done) => {
      const code = this.refuseSender();
      done(code === null ? null : Object.assign(new Error('no'), { responseCode: code }));
    },
    onRcptTo: ({ address }, _, done) => {
      const code = this.refuse(address);
      done(code === null ? null : Object.assign(new Error('no'), { responseCode: code }));
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8').replaceAll('=\r\n', '');
        for (const { address } of session.envelope.rcptTo) this.received.push({ to: address, text });
        done();
      });
    },
  });

  async listen(): Promise<this> {
    // Within a message, the library reports a reset connection as an error of the server.
    this.#server.on('error', (error) => {
      if (!isOfClosedConnection(error)) throw error;
      this.cutOff += 1;
    });
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server.server, 'listening');
    return this;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.#server.server.address() as AddressInfo).port}`;
  }

  /** The configuration of a server that sends its e-mails here. */
  envFor(runtime: RuntimeName): Record<string, string> {
    return {
      SMTP_URL: this.url,
      MAIL_FROM: 'Shop <shop@example.com>',
      // A Worker sends e-mails outside of any request, so it needs its address configured.
      ...(runtime === 'workerd' && { PUBLIC_URL: 'https://shop.example' }),
    };
  }

  subjectsTo(address: string): string[] {
    return this.received
      .filter(({ to }) => to === address)
      .map(({ text }) => /^Subject: (.*)\r$/m.exec(text)?.[1] ?? '')
      .sort();
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
