/** Sentences of the document as HTML: what stands between backticks is code. */
import { html } from 'hono/html';
import type { Html } from '../pages/document.ts';

export const prose = (text: string): Html =>
  html`${text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
