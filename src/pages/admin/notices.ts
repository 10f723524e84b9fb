/** Notices shown to an operator after a change. */

const sentences: Readonly<Record<string, (count: number) => string>> = {
  created: () => 'The drop was created.',
  saved: () => 'Changes saved.',
  unchanged: () => 'No changes to save.',
  published: () => 'The drop is published and visible to buyers.',
  unpublished: () => 'The drop is a draft again and hidden from buyers.',
  paused: () => 'The drop is paused. Nothing sells until you resume it; existing holds can still be paid.',
  resumed: () => 'The drop has resumed.',
  restocked: () => 'Stock changed.',
  repeated: () => 'This form was already submitted and took effect once.',
  closed: () => 'The drop has ended.',
  fulfilled: () => 'The order is marked as fulfilled.',
  refunded: () => 'The refund is on its way.',
  settled: () => 'The refund is settled.',
  retried: () => 'The refund is pending again.',
  reconciled: (count) =>
    `Checked with the payment providers. New payments, disputes and refunds found: ${count.toLocaleString('en')}.`,
  unasked: (count) =>
    `The payment providers did not answer ${count.toLocaleString('en')} ${count === 1 ? 'request' : 'requests'}. Try again later.`,
  erased: (count) =>
    count === 0
      ? 'No orders with personal data found for this address.'
      : `Deleted the personal data of ${count.toLocaleString('en')} ${count === 1 ? 'order' : 'orders'}.`,
};

/** Null for an unknown name, because a URL can contain anything. */
export const noticeOf = (done: string, count: string): string | null =>
  Object.hasOwn(sentences, done)
    ? (sentences[done]?.(/^\d{1,9}$/.test(count) ? Number(count) : 0) ?? null)
    : null;
