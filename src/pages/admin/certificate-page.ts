/** The certificate of a drop, for reading, printing and archiving. */
import { html } from 'hono/html';
import type { Html } from '../document.ts';
import { adminPage } from './admin-document.ts';
import { amount, number, scrolled, timeShown, words } from './shown.ts';
import type { CertificateView, Viewer } from './views.ts';

export interface CertificatePage {
  viewer: Viewer;
  drop: { id: string; title: string };
  isClean: boolean;
  violations: readonly string[];
  /** One part, or one for each shard. */
  parts: readonly CertificateView[];
}

const tally = (
  name: string,
  { count, amount: sum }: { count: number; amount: number },
  currency: string,
): Html =>
  html`<tr><th scope="row">${name}</th><td class="count">${number(count)}</td><td class="count">${amount(sum, currency)}</td></tr>`;

const items = ({ items: rows, currency }: CertificateView): Html =>
  html`<table class="list"><thead><tr><th scope="col">Item</th><th scope="col" class="count">Price</th><th scope="col" class="count">Stock</th><th scope="col" class="count">Held</th><th scope="col" class="count">Sold</th></tr></thead><tbody>${rows.map((item) => html`<tr><th scope="row">${item.sku}</th><td class="count">${amount(item.price, currency)}</td><td class="count">${number(item.stock)}</td><td class="count">${number(item.held)}</td><td class="count">${number(item.sold)}</td></tr>`)}</tbody></table>`;

const money = ({ payments, kept, refunds, outside, disputes, currency }: CertificateView): Html =>
  html`<table class="list"><thead><tr><th scope="col">Money</th><th scope="col" class="count">Number</th><th scope="col" class="count">Sum</th></tr></thead><tbody>${tally('Payments', payments, currency)}${tally('Kept', kept, currency)}${tally('Refunds pending', refunds.pending, currency)}${tally('Refunds sent', refunds.sent, currency)}${tally('Refunds failed', refunds.failed, currency)}${tally('Refunds settled by hand', refunds.settled, currency)}${tally('Of these, at the provider', outside, currency)}${tally('Disputes open', disputes.open, currency)}${tally('Disputes lost', disputes.lost, currency)}${tally('Disputes won', disputes.won, currency)}</tbody></table>`;

const orders = ({ orders: counts }: CertificateView): Html =>
  html`<table class="list"><thead><tr><th scope="col">Orders</th><th scope="col" class="count">Number</th></tr></thead><tbody>${Object.entries(counts).map(([status, count]) => html`<tr><th scope="row">${words(status)}</th><td class="count">${number(count)}</td></tr>`)}</tbody></table>`;

const part = (certificate: CertificateView, shard: number, shards: number): Html =>
  html`<section class="part">${shards === 1 ? '' : html`<h2>Shard ${shard + 1}</h2>`}
<dl class="facts"><div><dt>Issued (UTC)</dt><dd>${timeShown(certificate.issuedAt)}</dd></div><div><dt>First sale (UTC)</dt><dd>${timeShown(certificate.firstSaleAt)}</dd></div><div><dt>Last sale (UTC)</dt><dd>${timeShown(certificate.lastSaleAt)}</dd></div></dl>
${scrolled('Items', items(certificate))}
<div class="columns apart">${scrolled('Money', money(certificate))}${scrolled('Orders by status', orders(certificate))}</div>
<dl class="log"><div><dt>Events in the log</dt><dd>${number(certificate.log.events)} (last: ${number(certificate.log.headSeq)})</dd></div><div><dt>Head of the hash chain</dt><dd><code>${certificate.log.head}</code></dd></div></dl></section>`;

export const certificatePage = ({ viewer, drop, isClean, violations, parts }: CertificatePage): Response =>
  adminPage({
    viewer,
    title: `Certificate of ${drop.title}`,
    section: '/admin',
    body: html`<p class="crumb"><a href="/admin">Overview</a> · <a href="/admin/ui/drops/${drop.id}">${drop.title}</a></p>
<article class="certificate">
<div class="title"><h1>Certificate of ${drop.title}</h1><span class="badge" data-clean="${isClean ? 'yes' : 'no'}">${isClean ? 'Clean' : `${number(violations.length)} ${violations.length === 1 ? 'violation' : 'violations'}`}</span></div>
<p>${isClean ? 'No violations. Recomputed from the rows and the event log:' : 'Violations found. Recomputed from the rows and the event log:'}</p>
${isClean ? '' : html`<div class="alert"><ul>${violations.map((sentence) => html`<li>${sentence}</li>`)}</ul></div>`}
${parts.map((certificate, shard) => part(certificate, shard, parts.length))}
<p class="hint">Keep a copy elsewhere. An attacker with write access to the database can forge the whole log, but not a head that you noted earlier.</p>
</article>`,
  });
