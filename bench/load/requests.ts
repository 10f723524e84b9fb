/** The requests of the load as text, ready to be written to a socket. */
import { randomUUID } from 'node:crypto';
import { getText, postText, spread } from '../../src/crowd/request-text.ts';
import { createSandbox } from '../../src/payments/sandbox.ts';
import { type OpenDrop, priceOfUnit } from './drop-for-load.ts';

export interface Target {
  host: string;
  port: number;
  drops: readonly OpenDrop[];
  /** Signs the sandbox's webhooks. */
  secretKey: string;
}

/** The mix of the buyers' requests. */
export interface Mix {
  /** GET /drops, or GET /drops/:id of any drop. */
  reads: 'list' | 'drop';
  /**
   * Part of the purchases, 0..1, for the first item of their drop; the others take the items in
   * turn.
   */
  hotShare: number;
  /** How often each purchase is sent, immediately repeated, under one key. */
  sendsPerKey: number;
}

export const plainMix: Mix = { reads: 'list', hotShare: 0, sendsPerKey: 1 };

export interface PurchaseRequest {
  text: string;
  sku: string;
  quantity: number;
}

export class Requests {
  readonly #target: Target;
  readonly #mix: Mix;
  readonly #host: string;
  readonly #sandbox;
  #reads = 0;
  #purchases = 0;
  #key = '';

  constructor(target: Target, mix: Mix) {
    this.#target = target;
    this.#mix = mix;
    this.#host = `${target.host}:${target.port}`;
    this.#sandbox = createSandbox(target.secretKey, () => '');
  }

  read(): string {
    const { drops } = this.#target;
    const drop = drops[this.#reads++ % drops.length];
    const path = this.#mix.reads === 'list' ? '/drops' : `/drops/${drop?.id ?? ''}`;
    return getText(this.#host, path);
  }

  /**
   * Returns a purchase of one unit by a new customer under a new key, or repeats the previous one.
   */
  purchase(): PurchaseRequest {
    const { drops } = this.#target;
    const { hotShare, sendsPerKey } = this.#mix;
    const buyer = Math.floor(this.#purchases / sendsPerKey);
    if (this.#purchases++ % sendsPerKey === 0) this.#key = randomUUID();
    const { id = '', skus = [] } = drops[buyer % drops.length] ?? {};
    const sku = (spread(buyer) < hotShare ? skus[0] : skus[buyer % skus.length]) ?? '';
    const quantity = 1;
    const body = `{"dropId":"${id}","sku":"${sku}","quantity":${quantity},"customer":{"email":"buyer-${buyer}@load.example"}}`;
    return {
      text: postText(this.#host, '/purchase', `Idempotency-Key: ${this.#key}\r\n`, body),
      sku,
      quantity,
    };
  }

  /** Returns the provider's webhook after the order is paid. */
  payment(orderId: string): string {
    const charge = { orderId, amount: priceOfUnit, currency: 'EUR', outcome: 'paid' } as const;
    const { body, headers } = this.#sandbox.webhookFor(charge, Date.now());
    const { 'content-type': _, ...signature } = headers;
    const lines = Object.entries(signature).map(([name, value]) => `${name}: ${value}\r\n`);
    return postText(this.#host, '/payments/sandbox/webhook', lines.join(''), body);
  }
}
