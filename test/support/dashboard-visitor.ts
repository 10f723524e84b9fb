/** A headless dashboard client: it keeps cookies, fills in forms and follows no redirect. */
import { expect } from 'vitest';
import { exchange } from './client.ts';
import { unique } from './shop.ts';

export interface Page {
  status: number;
  headers: Headers;
  /** The HTML document. */
  text: string;
  /** The target of a redirect. */
  location: string | null;
}

type Fields = Readonly<Record<string, string>>;

export class Visitor {
  readonly cookies = new Map<string, string>();
  readonly #url: string;
  readonly #headers: Fields;

  /** `headers` are sent with every request. */
  constructor(url: string, headers: Fields = {}) {
    this.#url = url;
    this.#headers = headers;
  }

  #cookie(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async #ask(path: string, init: RequestInit): Promise<Page> {
    const cookie = this.#cookie();
    const response = await fetch(this.#url + path, {
      redirect: 'manual',
      ...init,
      headers: { ...this.#headers, ...(cookie !== '' && { cookie }), ...init.headers },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    const text = await response.text();
    expect(response.status, text.slice(0, 500)).not.toBe(500);
    return {
      status: response.status,
      headers: response.headers,
      text,
      location: response.headers.get('location'),
    };
  }

  look(path: string, headers: Fields = {}): Promise<Page> {
    return this.#ask(path, { headers });
  }

  /** Opens an address with the headers of a browser's navigation, which `fetch` does not set. */
  async open(path: string, headers: Fields = {}): Promise<Page> {
    const cookie = this.#cookie();
    const answer = await exchange(this.#url, {
      path,
      headers: {
        accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
        'sec-fetch-mode': 'navigate',
        ...(cookie !== '' && { cookie }),
        ...headers,
      },
    });
    const known = Object.entries(answer.headers).filter((field) => typeof field[1] === 'string');
    const found = new Headers(known as [string, string][]);
    return { status: answer.status, headers: found, text: answer.text, location: found.get('location') };
  }

  /** Sends a form unchanged. */
  sendForm(path: string, fields: Fields, headers: Fields = {}): Promise<Page> {
    return this.#ask(path, { method: 'POST', body: new URLSearchParams({ ...fields }), headers });
  }

  signIn(token: string): Promise<Page> {
    return this.sendForm('/admin/sign-in', { token });
  }

  /** The CSRF token in the forms of this session. */
  async csrf(): Promise<string> {
    const { text } = await this.look('/admin/ui/customers');
    return /name="csrf" value="([\w-]+)"/.exec(text)?.[1] ?? '';
  }

  /** Sends a form of the dashboard with its CSRF token. */
  async submit(path: string, fields: Fields = {}): Promise<Page> {
    return this.sendForm(path, { csrf: await this.csrf(), ...fields });
  }
}

export async function signedIn(url: string, token: string): Promise<Visitor> {
  const visitor = new Visitor(url);
  const page = await visitor.signIn(token);
  expect([page.status, page.location]).toEqual([303, '/admin']);
  return visitor;
}

/** Expects a complete page that is never cached and has the one content security policy. */
export function expectPage(page: Page, status = 200): void {
  expect(page.status, page.text.slice(0, 500)).toBe(status);
  expect(page.headers.get('content-type')).toMatch(/^text\/html/);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(page.headers.get('cache-control')).toBe('no-store');
  expect(page.text).toMatch(/^<!doctype html>[\s\S]*<\/html>$/);
  expect(page.text).not.toMatch(/ style="| on\w+="|<script>|<style/);
}

/** The fields of a new drop, as a person types them. */
export const typedDrop = (changes: Record<string, string> = {}): Record<string, string> => ({
  title: 'Fern Runner',
  description: 'First line\r\nSecond line',
  slug: `drop-${unique()}`,
  currency: 'eur',
  startsAt: '2026-01-31T18:00',
  perCustomer: '2',
  holdSeconds: '600',
  rows: '5',
  'items.0.sku': 'eu-41',
  'items.0.name': 'EU 41',
  'items.0.price': '129',
  'items.0.stock': '3',
  // An empty row between two others.
  'items.2.sku': 'eu-42',
  'items.2.name': 'EU 42',
  'items.2.price': '129,90',
  'items.2.stock': '5',
  publish: 'on',
  ...changes,
});
export const dropIdIn = (location: string | null): string =>
  /\/drops\/(drp_[\w-]+)/.exec(location ?? '')?.[1] ?? '';
/** The page's error message for a field. */
export const wrongAt = (text: string, name: string): string | undefined =>
  new RegExp(`id="wrong-(?:restock-)?${name.replaceAll('.', '\\.')}">([^<]*)`).exec(text)?.[1];
