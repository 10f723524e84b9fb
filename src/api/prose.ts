/** Renders sentences as HTML; text between backticks becomes code. */
import { html } from 'hono/html';
import type { Html } from '../pages/document.ts';

export const prose = (text: string): Html =>
  html`${text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
