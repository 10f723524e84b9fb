/** The priority of each command. */
import type { Command } from './command.ts';

/**
 * In the order in which the writer serves them: payments, releases of stock, operators, buyers, and
 * last the requests that anyone can make for any address.
 */
export const priorities = ['payments', 'releases', 'operator', 'holds', 'links'] as const;
export type Priority = (typeof priorities)[number];

export const priorityOf = {
  recordPayment: 'payments',
  recordMovement: 'payments',
  recordCheckout: 'payments',
  beginRefund: 'payments',
  finishRefund: 'payments',
  cancelOrder: 'releases',
  releaseUnpayable: 'releases',
  releaseDue: 'releases',
  createDrop: 'operator',
  editDrop: 'operator',
  moveDrop: 'operator',
  restock: 'operator',
  refundOrder: 'operator',
  retryRefund: 'operator',
  settleRefund: 'operator',
  fulfilOrder: 'operator',
  eraseCustomer: 'operator',
  logAction: 'operator',
  addOperator: 'operator',
  revokeOperator: 'operator',
  closeCheckout: 'operator',
  advanceSubscriber: 'operator',
  deferDelivery: 'operator',
  beginDeferredDelivery: 'operator',
  endDeferredDelivery: 'operator',
  countMail: 'operator',
  requestLinks: 'links',
  endLinkRequest: 'operator',
  runStatements: 'operator',
  placeHold: 'holds',
} as const satisfies Record<Command['kind'], Priority>;
