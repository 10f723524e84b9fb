/** The frame of a dashboard page without a session: a heading and a few lines, centred. */
import { html } from 'hono/html';
import { type Html, htmlPage } from '../document.ts';

interface SmallPage {
  heading: string;
  status: number;
  headers?: readonly (readonly [name: string, value: string])[];
  body: Html;
}

export const smallPage = ({ heading, status, headers = [], body }: SmallPage): Response =>
  htmlPage({
    title: `${heading} · Stampede`,
    locale: 'en',
    status,
    headers,
    styles: ['/assets/admin.css'],
    body: html`<main id="main" class="door">
<p class="mark">Stampede</p>
<h1>${heading}</h1>
${body}
</main>`,
  });
