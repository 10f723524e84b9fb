/** An operator's page, shown by the Worker: it asks through the Worker's own routes, and shows what the operator has changed. */
import type { Context } from 'hono';
import { isSafeMethod } from '../../http/admin-auth.ts';
import { bookmarkHeader } from '../object/drop-object.ts';
import type { PageSources } from './app.ts';

/** The bookmark of an operator's browser, which sends no headers of its own. */
export const bookmarkCookie = 'bookmark';

/** `send` answers through the Worker, so that what concerns a drop reaches its object. */
export async function operatorPage(
  c: Context,
  answer: (pages: PageSources) => Promise<Response>,
  send: (request: Request) => Promise<Response>,
): Promise<Response> {
  let bookmark: string | null = null;
  const response = await answer({
    async lead(request) {
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
