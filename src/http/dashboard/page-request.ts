/** Runs dashboard handlers with the operator's session; without one, redirects to the sign-in. */
import type { Context } from 'hono';
import { DASHBOARD_FORM_BYTES_MAX } from '../../limits.ts';
import type { Attempt, RefusalView, Viewer } from '../../pages/admin/views.ts';
import { embeddedDetail, isEmbedded, isSafeMethod, operatorByHash } from '../admin-auth.ts';
import type { Deps } from '../deps.ts';
import { isForm, readText } from '../json.ts';
import { operatorOperationById } from '../operator-operations.ts';
import { refuseForeignForm } from '../own-form.ts';
import { problem } from '../problem.ts';
import { seeOther } from '../see-other.ts';
import { isSameText, readSession } from '../session.ts';
import { type Answered, type Api, apiFor, type Send } from './api.ts';

export interface PageRequest {
  c: Context;
  viewer: Viewer;
  api: Api;
  /** The fields of the submitted form, trimmed; empty for a GET. */
  form: ReadonlyMap<string, string>;
}

export type WithSession = (
  handle: (request: PageRequest) => Promise<Response>,
) => (c: Context) => Promise<Response>;

/**
 * Redirects to a page after a write, with a notice of what was done, or that it was done before.
 */
export const writtenAt = (path: string, done: string, { isReplay }: Answered<unknown>): Response =>
  doneAt(path, isReplay ? 'repeated' : done);

/** Redirects to a page with a notice: a name from pages/admin/notices.ts, and a number. */
export const doneAt = (path: string, done: string, count?: number): Response =>
  seeOther(`${path}${path.includes('?') ? '&' : '?'}done=${done}${count === undefined ? '' : `&n=${count}`}`);

/**
 * The form as typed, without its CSRF token. It keeps its key, because a write with an unknown
 * outcome may have been done; but not a key that another form has used.
 */
export function attemptOf(form: string, { form: fields }: PageRequest, refusal: RefusalView): Attempt {
  const left = new Set(refusal.code === 'key_reused' ? ['csrf', 'key'] : ['csrf']);
  return { form, refusal, values: Object.fromEntries([...fields].filter(([name]) => !left.has(name))) };
}

/** Reads a form. A Response is the refusal to send instead. */
export async function readFields(
  c: Context,
  deps: Pick<Deps, 'publicUrl'>,
  bytesMax?: number,
): Promise<ReadonlyMap<string, string> | Response> {
  const foreign = refuseForeignForm(c, deps);
  if (foreign) return foreign;
  if (!isForm(c.req.header('content-type'))) return problem('unsupported_media_type');
  const text = await readText(c.req.raw, bytesMax);
  if (text instanceof Response) return text;
  return new Map([...new URLSearchParams(text)].map(([name, value]) => [name, value.trim()]));
}

/** Redirects GETs without a session to the sign-in; refuses forms without its CSRF token. */
export function requireSession(deps: Deps, send: Send): WithSession {
  const operatorOf = operatorByHash(deps);
  return (handle) => async (c) => {
    const session = readSession(c, deps);
    const operator = session && operatorOf(session.tokenHash);
    if (!session || !operator) {
      const { pathname, search } = new URL(c.req.url);
      const to =
        isSafeMethod(c.req) && pathname !== '/admin'
          ? `?${new URLSearchParams({ to: pathname + search })}`
          : '';
      return seeOther(`/admin/sign-in${to}`);
    }
    if (isEmbedded(c)) return problem('forbidden', { detail: embeddedDetail });
    // Only for known operators: other clients get the usual body limit.
    const form = isSafeMethod(c.req)
      ? new Map<string, string>()
      : await readFields(c, deps, DASHBOARD_FORM_BYTES_MAX);
    if (form instanceof Response) return form;
    const { csrf } = session;
    if (!isSafeMethod(c.req) && !isSameText(csrf, form.get('csrf') ?? '')) {
      return problem('forbidden', { detail: 'This form has expired. Go back and reload the page.' });
    }
    const viewer: Viewer = {
      actor: operator.actor,
      may: (operation) => operator.scopes.has(operatorOperationById[operation].access),
      csrf,
      done: c.req.query('done') ?? '',
      count: c.req.query('n') ?? '',
      isEdge: deps.runtime === 'workerd',
    };
    return handle({ c, viewer, form, api: apiFor(c, csrf, form.get('key'), send) });
  };
}
