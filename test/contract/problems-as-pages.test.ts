/** Problems as pages for navigating browsers, in their language; JSON for all others. */
import { describe, expect, test } from 'vitest';
import { runtimes, useServer } from '../support/contract-server.ts';

/** The Accept header of Chrome and Firefox. */
const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8';

describe.each(runtimes)('problems as pages on %s', (runtime) => {
  const shop = useServer(runtime);
  const ask = (path: string, accept: string | null, init: RequestInit = {}) =>
    fetch(`${shop.server.url}${path}`, {
      redirect: 'manual',
      ...init,
      headers: { ...(accept !== null && { accept }), ...(init.headers as Record<string, string>) },
    });
  const typeOf = (answer: Response) => answer.headers.get('content-type')?.split(';')[0];

  test.each([
    ['GET', '/nothing', 404, 'Page not found'],
    ['GET', '/d/nothing-here', 404, 'Page not found'],
    ['GET', '/o/nothing', 404, 'Page not found'],
    ['GET', `/pay/ord_${'A'.repeat(22)}`, 404, 'Page not found'],
    ['GET', '/drops/nothing-here', 404, 'Page not found'],
    ['GET', '/drops?phase=nothing', 422, 'Request not understood'],
    ['POST', '/purchase', 415, 'Request not understood'],
    ['POST', `/o/ord_${'A'.repeat(22)}/cancel`, 403, 'Not allowed'],
    ['GET', '/admin/orders', 401, 'A valid operator token is required', 'Bearer unknown'],
  ])('%s %s is a page with the status %i', async (method, path, status, words, authorization = '') => {
    const isPost = method === 'POST';
    const headers = { 'sec-fetch-site': 'cross-site', 'content-type': 'application/x-www-form-urlencoded' };
    const init = isPost
      ? { method, body: 'a=b', headers }
      : { headers: { ...(authorization !== '' && { authorization }) } };
    const page = await ask(path, browser, init);
    const text = await page.text();
    expect([page.status, typeOf(page), text]).toEqual([status, 'text/html', expect.stringContaining(words)]);
    expect(page.headers.get('vary')?.toLowerCase()).toContain('accept');
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(text).toMatch(/<a href="\/(?:admin)?">/);
    const json = await ask(path, '*/*', init);
    expect([json.status, typeOf(json)]).toEqual([status, 'application/problem+json']);
    expect(json.headers.get('vary')?.toLowerCase()).toContain('accept');
  });

  test('uses the browser’s language', async () => {
    const page = await ask('/nothing', browser, { headers: { 'accept-language': 'de-CH,de' } });
    expect(await page.text()).toMatch(/<html lang="de-ch">[\s\S]*Seite nicht gefunden/);
  });

  test('keeps the problem’s headers', async () => {
    const page = await ask('/admin/orders', browser, { headers: { authorization: 'Bearer unknown' } });
    expect(page.headers.get('www-authenticate')).toBe('Bearer');
    expect(page.headers.get('content-length') ?? page.headers.get('transfer-encoding')).not.toBeNull();
  });

  test.each([
    [null, false],
    ['*/*', false],
    ['application/json', false],
    ['application/json, text/html', false],
    ['text/html;q=0.5, application/json', false],
    ['text/html;q=0, */*', false],
    ['text/event-stream', false],
    ['text/html', true],
    ['TEXT/HTML;Q=0.9, */*;q=0.8', true],
    ['text/*', true],
    ['application/json;q=0.4, text/html;q=0.5', true],
    [browser, true],
  ])('Accept %j asks for a page: %s', async (accept, isPage) => {
    const answer = await ask('/nothing', accept);
    expect(typeOf(answer)).toBe(isPage ? 'text/html' : 'application/problem+json');
  });
});
