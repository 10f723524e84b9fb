/** Event subscribers and their lag. */
import { html } from 'hono/html';
import type { Html } from '../document.ts';
import { adminPage } from './admin-document.ts';
import { number, scrolled, timeShown } from './shown.ts';
import type { DropView, RefusalView, SubscriberView, Viewer } from './views.ts';

export interface WebhooksPage {
  viewer: Viewer;
  headSeq: number;
  subscribers: readonly SubscriberView[];
  /** On Workers each drop has its own subscribers: the drops to choose from, and the chosen one. */
  drops: readonly Pick<DropView, 'id' | 'title'>[];
  dropId: string;
  refusal: RefusalView | null;
}

const path = '/admin/ui/webhooks';
const kinds: Readonly<Record<string, string>> = {
  webhook: 'Webhook',
  mail: 'E-mail to customers',
  checkouts: 'Expiry of checkouts',
  catalogue: 'Catalogue',
};

const state = ({ isConfigured, eventsBehind }: SubscriberView): Html =>
  !isConfigured
    ? html`<span class="badge">No longer configured</span>`
    : eventsBehind === null
      ? html`<span class="badge">Not started</span>`
      : eventsBehind === 0
        ? html`<span class="badge" data-ready="ready">Up to date</span>`
        : html`<span class="badge" data-ready="behind">Lag: ${number(eventsBehind)} ${eventsBehind === 1 ? 'event' : 'events'}</span>`;

const subscriberTable = (subscribers: readonly SubscriberView[]): Html =>
  scrolled(
    'Subscribers',
    html`<table class="list"><thead><tr><th scope="col">Subscriber</th><th scope="col">State</th><th scope="col" class="count">Last delivered event</th><th scope="col">Oldest undelivered (UTC)</th><th scope="col" class="count">Deferred</th></tr></thead><tbody>${subscribers.map((one) => html`<tr><th scope="row">${kinds[one.kind] ?? one.kind}${one.target === null ? '' : html` <span>${one.target}</span>`}<code class="quiet">${one.name}</code></th><td>${state(one)}</td><td class="count">${one.lastSeq === null ? '–' : number(one.lastSeq)}</td><td>${timeShown(one.oldestWaitingAt)}</td><td class="count">${number(one.deferred)}</td></tr>`)}</tbody></table>`,
  );

export const webhooksPage = ({ viewer, refusal, ...page }: WebhooksPage): Response =>
  adminPage({
    viewer,
    refusal,
    title: 'Webhooks',
    section: path,
    body: html`<h1>Webhooks</h1>
<p class="quiet">Each subscriber follows the event log at its own position. Failed deliveries are retried for about a day and delay no other subscriber. Deferred e-mails were refused by the recipient’s mailbox for now. Configure subscribers with <code>WEBHOOK_URLS</code> and <code>SMTP_URL</code>.</p>
${viewer.isEdge ? html`<form class="choice" method="get" action="${path}"><label for="dropId">Subscribers of</label><select id="dropId" name="dropId">${page.drops.map(({ id, title }) => html`<option value="${id}"${id === page.dropId ? html` selected` : ''}>${title}</option>`)}</select><button>Show</button></form><p class="quiet">On Workers, each drop has its own event log and subscribers.</p>` : ''}
<dl class="facts"><div><dt>Events in the log</dt><dd>${number(page.headSeq)}</dd></div></dl>
${page.subscribers.length === 0 ? html`<p>No webhooks or e-mail notifications are configured.</p>` : subscriberTable(page.subscribers)}`,
  });
