/** Buys, cancels and pays over keep-alive sockets, with a ledger entry before and after a call. */
import { Pool } from 'undici';
import { resultOf } from '../../src/crowd/answers.ts';
import type { Call, Invoked, Ledger, PurchaseInvoked, Result } from '../../src/crowd/ledger.ts';
import { isDefinite, type Verdict, verdictOf } from '../../src/crowd/verdict.ts';
import { patienceMs } from '../support/patience.ts';

/** The customer of an index. Of every ten, two share a phone number and the third has one. */
export function contactOf(customer: number): { email: string; phone?: string } {
  const email = `customer-${customer}@crowd.example`;
  const place = customer % 10;
  const phone = `+4930${String(customer - (place === 1 ? 1 : 0)).padStart(9, '0')}`;
  return place < 3 ? { email, phone } : { email };
}

/** The body of a purchase; the same text each time. */
const purchaseBody = ({ dropId, sku, quantity, customer }: PurchaseInvoked): string =>
  JSON.stringify({ dropId, sku, quantity, customer: contactOf(customer) });

/** Only a hanging server takes this long. */
const ANSWER_DEADLINE_MS = patienceMs;

export class ShopClient {
  readonly #pool: Pool;
  readonly #ledger: Ledger;
  readonly #orderToken: (orderId: string) => string;

  /** `connections` is the maximum of open ones; further calls wait for one. */
  constructor(url: string, connections: number, ledger: Ledger, orderToken: (orderId: string) => string) {
    this.#pool = new Pool(url, {
      connections,
      pipelining: 1,
      headersTimeout: ANSWER_DEADLINE_MS,
      bodyTimeout: ANSWER_DEADLINE_MS,
    });
    this.#ledger = ledger;
    this.#orderToken = orderToken;
  }

  /** Makes a new call; never rejects. */
  async call(invoked: Invoked): Promise<Verdict> {
    this.#ledger.invoke(invoked);
    const verdict = await this.#send(invoked);
    this.#ledger.settle(invoked.key, this.#resultOf(invoked, verdict));
    return verdict;
  }

  /** Retries an unknown call with identical bytes; records a definite outcome. */
  async again(call: Call): Promise<Verdict> {
    const verdict = await this.#send(call.invoked);
    if (isDefinite(verdict)) this.#ledger.settle(call.invoked.key, this.#resultOf(call.invoked, verdict));
    return verdict;
  }

  /** Repeats a call without a ledger entry, for one whose answer is known. */
  repeat(call: Call): Promise<Verdict> {
    return this.#send(call.invoked);
  }

  /** Closes the sockets, also those that wait for an answer. */
  close(): Promise<void> {
    return this.#pool.destroy();
  }

  #resultOf(invoked: Invoked, verdict: Verdict): Result {
    if (invoked.call === 'purchase' || verdict.kind !== 'ok') return resultOf(verdict);
    return { kind: 'ok', orderId: invoked.orderId, body: verdict.body };
  }

  #send(invoked: Invoked): Promise<Verdict> {
    switch (invoked.call) {
      case 'purchase':
        return this.#post('/purchase', purchaseBody(invoked), { 'idempotency-key': invoked.key });
      case 'cancel': {
        const authorization = `Bearer ${this.#orderToken(invoked.orderId)}`;
        return this.#post(`/orders/${invoked.orderId}/cancel`, '{}', { authorization });
      }
      case 'pay':
        return this.#post(`/pay/${invoked.orderId}`, '{"outcome":"paid"}');
    }
  }

  async #post(path: string, body: string, headers?: Record<string, string>): Promise<Verdict> {
    try {
      const answer = await this.#pool.request({
        method: 'POST',
        path,
        headers: { 'content-type': 'application/json', ...headers },
        body,
      });
      const isReplay = answer.headers['idempotency-replayed'] === 'true';
      return verdictOf(answer.statusCode, await answer.body.text(), isReplay);
    } catch (error) {
      return { kind: 'unknown', reason: error instanceof Error ? error.message : String(error) };
    }
  }
}
