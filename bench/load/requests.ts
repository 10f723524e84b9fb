/** The two requests of the load as text that goes onto the wire as it is. */
import { randomUUID } from 'node:crypto';

export interface Target {
  host: string;
  port: number;
  dropId: string;
  skus: readonly string[];
}

export interface PurchaseRequest {
  text: string;
  sku: string;
  quantity: number;
}

export function listRequest(target: Target): string {
  return `GET /drops HTTP/1.1\r\nHost: ${target.host}:${target.port}\r\nAccept: application/json\r\n\r\n`;
}

/** One unit for a customer of its own, `index`, under a key of its own. Items are taken in turn. */
export function purchaseRequest(target: Target, index: number): PurchaseRequest {
  const sku = target.skus[index % target.skus.length] ?? '';
  const quantity = 1;
  // ASCII throughout, so that characters are bytes.
  const body = `{"dropId":"${target.dropId}","sku":"${sku}","quantity":${quantity},"customer":{"email":"buyer-${index}@load.example"}}`;
  const text =
    `POST /purchase HTTP/1.1\r\nHost: ${target.host}:${target.port}\r\nContent-Type: application/json\r\n` +
    `Idempotency-Key: ${randomUUID()}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  return { text, sku, quantity };
}
