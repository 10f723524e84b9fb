/** /admin/ui/drops: create a drop, and every action on it. */
import { Hono } from 'hono';
import { PER_CUSTOMER_DEFAULT } from '../../domain/client-limits.ts';
import { refusedPage } from '../../pages/admin/admin-document.ts';
import { certificatePage } from '../../pages/admin/certificate-page.ts';
import { operatedDropPage } from '../../pages/admin/drop-page.ts';
import { newDropPage } from '../../pages/admin/new-drop-page.ts';
import type { Attempt } from '../../pages/admin/views.ts';
import type { Deps } from '../deps.ts';
import { dropEditBody, newDropBody, numberOf, rowsOf } from './drop-fields.ts';
import { attemptOf, doneAt, type PageRequest, type WithSession, writtenAt } from './page-request.ts';

const ROWS_FIRST = 5;

/** The edit and the notice of each button on a drop's page. */
const switches: Readonly<Record<string, { edit: object; done: string }>> = {
  publish: { edit: { published: true }, done: 'published' },
  unpublish: { edit: { published: false }, done: 'unpublished' },
  pause: { edit: { paused: true }, done: 'paused' },
  resume: { edit: { paused: false }, done: 'resumed' },
};

const pageOf = (id: string): string => `/admin/ui/drops/${encodeURIComponent(id)}`;
/** The id or slug of the path. */
const idOf = ({ c }: PageRequest): string => c.req.param('id') ?? '';

async function showDrop(request: PageRequest, attempt: Attempt | null): Promise<Response> {
  const { viewer, api } = request;
  const found = await api.call('adminGetDrop', { id: idOf(request) });
  return found.refusal
    ? refusedPage(viewer, '/admin', found.refusal)
    : operatedDropPage({ viewer, drop: found.value, attempt });
}

/** Shows the page again, with the notice or the refusal. */
async function change(
  request: PageRequest,
  form: string,
  done: string,
  operation: 'editDrop' | 'closeDrop' | 'restock',
  body?: object,
): Promise<Response> {
  const written = await request.api.call(operation, { id: idOf(request), ...(body && { body }) });
  return written.refusal
    ? showDrop(request, attemptOf(form, request, written.refusal))
    : writtenAt(pageOf(idOf(request)), done, written);
}

async function edit(request: PageRequest): Promise<Response> {
  const found = await request.api.call('adminGetDrop', { id: idOf(request) });
  if (found.refusal) return refusedPage(request.viewer, '/admin', found.refusal);
  const { body, inForm } = dropEditBody(request.form, found.value.currency);
  if (Object.keys(body).length === 0) return doneAt(pageOf(idOf(request)), 'unchanged');
  const written = await request.api.call('editDrop', { id: idOf(request), body });
  return written.refusal
    ? showDrop(request, attemptOf('edit', request, inForm(written.refusal)))
    : writtenAt(pageOf(idOf(request)), 'saved', written);
}

async function showCertificate(request: PageRequest): Promise<Response> {
  const { viewer, api } = request;
  const { value, refusal } = await api.call('audit', { id: idOf(request) });
  if (refusal) return refusedPage(viewer, '/admin', refusal);
  const { drop, isClean, violations } = value;
  return certificatePage({
    viewer,
    drop,
    isClean,
    violations,
    parts: 'shards' in value ? value.shards : [value],
  });
}

export function dropPageRoutes({ shardsMax, locations, holdSeconds }: Deps, withSession: WithSession) {
  const formBegin = {
    perCustomer: String(PER_CUSTOMER_DEFAULT),
    holdSeconds: String(holdSeconds),
    shards: '1',
  };
  const newDrop = ({ viewer }: PageRequest, rows: number, values: Readonly<Record<string, string>>) =>
    newDropPage({ viewer, rows, values, shardsMax, locations, refusal: null });

  const make = async (request: PageRequest): Promise<Response> => {
    const { viewer, api, form } = request;
    const rows = rowsOf(form);
    if (form.has('more')) {
      return newDrop(request, rowsOf(new Map([['rows', String(rows + 5)]])), Object.fromEntries(form));
    }
    const { body, inForm } = newDropBody(form);
    const made = await api.call('createDrop', { body });
    if (!made.refusal) return writtenAt(pageOf(made.value.id), 'created', made);
    const attempt = attemptOf('new', request, inForm(made.refusal));
    return newDropPage({ ...attempt, viewer, rows, shardsMax, locations });
  };

  const app = new Hono()
    // Not below /admin/ui/drops/, where any word may be the slug of a drop.
    .get(
      '/admin/ui/new-drop',
      withSession(async (request) => newDrop(request, ROWS_FIRST, formBegin)),
    )
    .post('/admin/ui/new-drop', withSession(make))
    .get(
      '/admin/ui/drops/:id',
      withSession((request) => showDrop(request, null)),
    )
    .post('/admin/ui/drops/:id/edit', withSession(edit))
    .post(
      '/admin/ui/drops/:id/restock',
      withSession((request) => {
        const body = {
          sku: request.form.get('sku') ?? '',
          quantity: numberOf(request.form.get('quantity') ?? ''),
        };
        return change(request, 'restock', 'restocked', 'restock', body);
      }),
    )
    .post(
      '/admin/ui/drops/:id/close',
      withSession((request) => change(request, 'close', 'closed', 'closeDrop')),
    )
    .get('/admin/ui/drops/:id/certificate', withSession(showCertificate));
  for (const [name, { edit: body, done }] of Object.entries(switches)) {
    app.post(
      `/admin/ui/drops/:id/${name}`,
      withSession((request) => change(request, name, done, 'editDrop', body)),
    );
  }
  return app;
}
