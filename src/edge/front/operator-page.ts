/**
 * Renders an operator's page in the Worker, through its own routes and with the operator's latest
 * changes.
 */
import type { Context } from 'hono';
import { isSafeMethod } from '../../http/admin-auth.ts';
import { bookmarkHeader } from '../object/drop-object.ts';
import type { PageSources } from './app.ts';

/** Cookie with the D1 bookmark of an operator's browser, because pages send no custom headers. */
export const bookmarkCookie = 'bookmark';

/** `send` goes through the Worker, so that requests about a drop reach its object. */
export async function operatorPage(
  c: Context,
  answer: (pages: PageSources) => Promise<Response>,
  send: (request: Request) => Promise<Response>,
): Promise<Response> {
  let bookmark: string | null = null;
  const response = await answer({
    async sendToApi(request) {
      const answered = await send(request);
      bookmark = answered.headers.get(bookmarkHeader) ?? bookmark;
      return answered;
    },
  });
  if (bookmark === null || isSafeMethod(c.req)) return response;
  const secure = c.req.url.startsWith('https:') ? '; Secure' : '';
  const cookie = `${bookmarkCookie}=${bookmark}; Path=/admin; HttpOnly; SameSite=Strict${secure}`;
  response.headers.append('set-cookie', cookie);
  return response;
}
