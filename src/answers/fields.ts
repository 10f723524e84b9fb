/** Fields shared by the schemas of answers. */
import * as v from 'valibot';

export const text = (description: string, example: string) =>
  v.pipe(v.string(), v.metadata({ description, examples: [example] }));
export const time = (description: string) =>
  v.pipe(v.string(), v.isoTimestamp(), v.metadata({ description, examples: ['2027-01-31T18:00:00.000Z'] }));
export const count = (description: string) =>
  v.pipe(v.number(), v.integer(), v.minValue(0), v.description(description));
export const money = (description: string) =>
  v.pipe(v.number(), v.integer(), v.minValue(0), v.description(`${description}, in minor units`));
export const currency = text('ISO 4217', 'EUR');
export const dropId = text('Public id of a drop', 'drp_QmFzZTY0dXJsIDIyIGNo');
export const orderId = text(
  'Public id of an order; reveals neither time nor count',
  'ord_9tY0dXJsIDIyIGNoYXJzIQ',
);
export const timeOrNull = v.nullable(v.pipe(v.string(), v.isoTimestamp()));
