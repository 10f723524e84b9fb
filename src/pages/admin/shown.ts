/** Formats times, numbers and states for the operator pages. */
import { html } from 'hono/html';
import type { DropPhase } from '../../domain/drop.ts';
import type { DisputeStatus, OrderStatus, ReleaseReason } from '../../domain/order.ts';
import type { Html } from '../document.ts';
import { money } from '../money.ts';

/** In UTC, to the second; a dash for null. */
export const timeShown = (iso: string | null): Html =>
  iso === null
    ? html`<span class="quiet">–</span>`
    : html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)}</time>`;

/** Value of an input of type datetime-local. */
export const timeTyped = (iso: string | null): string => iso?.slice(0, 19) ?? '';

export const number = (value: number): string => value.toLocaleString('en');
export const amount = (value: number, currency: string): Html =>
  html`<span class="amount">${money(value, currency)}</span>`;

export const phaseNames: Readonly<Record<DropPhase, string>> = {
  draft: 'Draft',
  scheduled: 'Scheduled',
  live: 'On sale',
  sold_out: 'Sold out',
  paused: 'Paused',
  ended: 'Ended',
};

export const phaseBadge = (phase: DropPhase): Html =>
  html`<span class="badge" data-phase="${phase}">${phaseNames[phase]}</span>`;

export const statusNames: Readonly<Record<OrderStatus, string>> = {
  held: 'Held',
  paid: 'Paid',
  fulfilled: 'Fulfilled',
  released: 'Released',
  refunding: 'Refunding',
  refunded: 'Refunded',
};

export const disputeNames: Readonly<Record<DisputeStatus, string>> = {
  open: 'Dispute open',
  lost: 'Dispute lost',
  won: 'Dispute won',
};

/** Release reasons, worded for operators. */
export const releaseNames: Readonly<Record<ReleaseReason, string>> = {
  expired: 'Payment time expired',
  cancelled: 'Cancelled by the customer',
  unpayable: 'The payment provider cannot charge this amount; see the log for its error code',
  erased: 'The customer’s personal data was deleted',
};

export const statusBadge = (status: OrderStatus): Html =>
  html`<span class="badge" data-status="${status}">${statusNames[status]}</span>`;

export const disputeBadge = (dispute: DisputeStatus | undefined): Html | '' =>
  dispute === undefined
    ? ''
    : html` <span class="badge" data-dispute="${dispute}">${disputeNames[dispute]}</span>`;

/** Replaces the underscores of a code: `sold_out` becomes "sold out". */
export const words = (code: string): string => code.replaceAll('_', ' ');

/** A bar with the shares of sold and held units; the figures are next to it. */
export function stockBar({ stock, held, sold }: { stock: number; held: number; sold: number }): Html {
  const share = (units: number): number => (stock === 0 ? 0 : Math.round((units / stock) * 1000) / 10);
  return html`<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect class="sold" data-part="sold" x="0" y="0" width="${share(sold)}" height="8"/><rect class="held" data-part="held" x="${share(sold)}" y="0" width="${share(held)}" height="8"/></svg>`;
}

export interface Column<Row> {
  name: string;
  /** Right-aligned. */
  isCount?: boolean;
  /** Only screen readers get the name. */
  isNameHidden?: boolean;
  cell(row: Row): Html | string;
}

/** A list whose rows become cards on a phone. The first column names the row. */
export function cardList<Row>(name: string, columns: readonly Column<Row>[], rows: readonly Row[]): Html {
  const count = ({ isCount }: Column<Row>): Html | '' => (isCount ? html` class="count"` : '');
  const cells = (row: Row): Html[] =>
    columns.map((column, index) =>
      index === 0
        ? html`<th scope="row">${column.cell(row)}</th>`
        : html`<td${count(column)}${column.isNameHidden ? '' : html` data-label="${column.name}"`}>${column.cell(row)}</td>`,
    );
  return scrolled(
    name,
    html`<table class="list cards"><thead><tr>${columns.map((column) => html`<th scope="col"${count(column)}>${column.isNameHidden ? html`<span class="hidden">${column.name}</span>` : column.name}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${cells(row)}</tr>`)}</tbody></table>`,
  );
}

/** A table that scrolls by itself if it is wider than the screen, with the keyboard as well. */
export const scrolled = (name: string, table: Html): Html =>
  html`<div class="scroll" role="region" aria-label="${name}" tabindex="0">${table}</div>`;
