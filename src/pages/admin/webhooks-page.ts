/** Who is told what happens, and how far behind each of them is. */
import { html } from 'hono/html';
import type { Html } from '../document.ts';
import { adminPage } from './admin-document.ts';
import { number, scrolled, timeShown } from './shown.ts';
import type { DropView, FollowerView, RefusalView, Viewer } from './views.ts';

export interface WebhooksPage {
  viewer: Viewer;
  headSeq: number;
  followers: readonly FollowerView[];
  /** At the edge each drop has followers of its own: those to choose from, and the one chosen. */
  drops: readonly Pick<DropView, 'id' | 'title'>[];
  dropId: string;
  refusal: RefusalView | null;
}

const path = '/admin/ui/webhooks';
const kinds: Readonly<Record<string, string>> = {
  webhook: 'Webhook',
  mail: 'Mail to customers',
  checkouts: 'Closes checkouts',
  catalogue: 'Catalogue',
};

const state = ({ isConfigured, eventsBehind }: FollowerView): Html =>
  !isConfigured
    ? html`<span class="badge">Not set up any more</span>`
    : eventsBehind === null
      ? html`<span class="badge">Not begun</span>`
      : eventsBehind === 0
        ? html`<span class="badge" data-ready="ready">Up to date</span>`
        : html`<span class="badge" data-ready="behind">${number(eventsBehind)} behind</span>`;

const followerTable = (followers: readonly FollowerView[]): Html =>
  scrolled(
    'Followers',
    html`<table class="list"><thead><tr><th scope="col">Subscriber</th><th scope="col">State</th><th scope="col" class="count">Delivered up to event</th><th scope="col">Oldest waiting (UTC)</th><th scope="col" class="count">Parked</th></tr></thead><tbody>${followers.map((one) => html`<tr><th scope="row">${kinds[one.kind] ?? one.kind}${one.target === null ? '' : html` <span>${one.target}</span>`}<code class="quiet">${one.name}</code></th><td>${state(one)}</td><td class="count">${one.lastSeq === null ? '–' : number(one.lastSeq)}</td><td>${timeShown(one.oldestWaitingAt)}</td><td class="count">${number(one.late)}</td></tr>`)}</tbody></table>`,
  );

export const webhooksPage = ({ viewer, refusal, ...page }: WebhooksPage): Response =>
  adminPage({
    viewer,
    refusal,
    title: 'Webhooks',
    section: path,
    body: html`<h1>Webhooks</h1>
<p class="quiet">Each of these follows the event log and keeps its place in it. What fails is tried again for about a day, and delays no other subscriber. Parked mail waits for its own recipient, whose mailbox refuses it for now. Set up by <code>WEBHOOK_URLS</code> and <code>SMTP_URL</code>.</p>
${viewer.isEdge ? html`<form class="choice" method="get" action="${path}"><label for="dropId">Followers of</label><select id="dropId" name="dropId">${page.drops.map(({ id, title }) => html`<option value="${id}"${id === page.dropId ? html` selected` : ''}>${title}</option>`)}</select><button>Show</button></form><p class="quiet">On Workers each drop keeps a log and followers of its own.</p>` : ''}
<dl class="facts"><div><dt>Events in the log</dt><dd>${number(page.headSeq)}</dd></div></dl>
${page.followers.length === 0 ? html`<p>Nobody is told: no webhook and no mail is set up.</p>` : followerTable(page.followers)}`,
  });
