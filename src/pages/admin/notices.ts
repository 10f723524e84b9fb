/** What an operator is told on the page that he is led back to after a change. */

const sentences: Readonly<Record<string, (count: number) => string>> = {
  created: () => 'The drop is made.',
  saved: () => 'The changes are saved.',
  unchanged: () => 'Nothing was different: nothing is changed.',
  published: () => 'The drop is published: buyers see it.',
  unpublished: () => 'The drop is a draft again: buyers no longer see it.',
  paused: () => 'The drop is paused: nothing is sold until you resume it. Holds can still be paid.',
  resumed: () => 'The drop sells again.',
  restocked: () => 'The stock is changed.',
  repeated: () => 'This form was sent before. It was done once, and not again.',
  closed: () => 'The drop has ended.',
  fulfilled: () => 'The order is fulfilled.',
  refunded: () => 'The money is on its way back.',
  settled: () => 'The refund is settled.',
  retried: () => 'The refund is pending again.',
  reconciled: (count) =>
    `The payment providers were asked. Payments, disputes and refunds that were not known here: ${count.toLocaleString('en')}.`,
  unasked: (count) =>
    `The payment providers did not answer ${count.toLocaleString('en')} of our questions. Try again later.`,
  erased: (count) =>
    count === 0
      ? 'No order with personal data belongs to this address.'
      : `The personal data of ${count.toLocaleString('en')} ${count === 1 ? 'order' : 'orders'} is gone.`,
};

/** Null where the address names nothing that can be done: anybody may write an address. */
export const noticeOf = (done: string, count: string): string | null =>
  Object.hasOwn(sentences, done)
    ? (sentences[done]?.(/^\d{1,9}$/.test(count) ? Number(count) : 0) ?? null)
    : null;
