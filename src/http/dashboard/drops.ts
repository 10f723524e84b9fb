/** /admin/ui/drops: create a drop, and every action on it. */
import { Hono } from 'hono';
import { PER_CUSTOMER_DEFAULT } from '../../domain/client-limits.ts';
import { refusedPage } from '../../pages/admin/admin-document.ts';
import { certificatePage } from '../../pages/admin/certificate-page.ts';
import { operatedDropPage } from '../../pages/admin/drop-page.ts';
import { newDropPage } from '../../pages/admin/new-drop-page.ts';
import type { Attempt, CertificateView, DropView } from '../../pages/admin/views.ts';
import type { Deps } from '../deps.ts';
import { dropEditBody, newDropBody, numberOf, rowsOf } from './drop-fields.ts';
import { attemptOf, doneAt, type Visit, type Visited, writtenAt } from './visit.ts';

const ROWS_FIRST = 5;

/** The edit and the notice of each button on a drop's page. */
const switches: Readonly<Record<string, { edit: object; done: string }>> = {
  publish: { edit: { published: true }, done: 'published' },
  unpublish: { edit: { published: false }, done: 'unpublished' },
  pause: { edit: { paused: true }, done: 'paused' },
  resume: { edit: { paused: false }, done: 'resumed' },
};

const pageOf = (id: string): string => `/admin/ui/drops/${id}`;
/** The id or slug of the path, escaped for the API's path. */
const idOf = ({ c }: Visit): string => encodeURIComponent(c.req.param('id') ?? '');

async function showDrop(visit: Visit, attempt: Attempt | null): Promise<Response> {
  const { viewer, api } = visit;
  const found = await api.get<DropView>(`/admin/drops/${idOf(visit)}`);
  return found.refusal
    ? refusedPage(viewer, '/admin', found.refusal)
    : operatedDropPage({ viewer, drop: found.value, attempt });
}

/** Shows the page again, with the notice or the refusal. */
async function change(
  visit: Visit,
  form: string,
  done: string,
  method: 'POST' | 'PATCH',
  path: string,
  body?: object,
): Promise<Response> {
  const written = await visit.api.write(method, path, body);
  return written.refusal
    ? showDrop(visit, attemptOf(form, visit, written.refusal))
    : writtenAt(pageOf(idOf(visit)), done, written);
}

async function edit(visit: Visit): Promise<Response> {
  const path = `/admin/drops/${idOf(visit)}`;
  const found = await visit.api.get<DropView>(path);
  if (found.refusal) return refusedPage(visit.viewer, '/admin', found.refusal);
  const { body, inForm } = dropEditBody(visit.form, found.value.currency);
  if (Object.keys(body).length === 0) return doneAt(pageOf(idOf(visit)), 'unchanged');
  const written = await visit.api.write('PATCH', path, body);
  return written.refusal
    ? showDrop(visit, attemptOf('edit', visit, inForm(written.refusal)))
    : writtenAt(pageOf(idOf(visit)), 'saved', written);
}

async function showCertificate(visit: Visit): Promise<Response> {
  const { viewer, api } = visit;
  type Certificates = CertificateView & { shards?: CertificateView[] };
  const { value, refusal } = await api.get<Certificates>(`/admin/drops/${idOf(visit)}/audit`);
  if (refusal) return refusedPage(viewer, '/admin', refusal);
  const { drop, isClean, violations, shards = [value] } = value;
  return certificatePage({ viewer, drop, isClean, violations, parts: shards });
}

export function dropPageRoutes({ shardsMax, locations, holdSeconds }: Deps, visited: Visited) {
  const formBegin = {
    perCustomer: String(PER_CUSTOMER_DEFAULT),
    holdSeconds: String(holdSeconds),
    shards: '1',
  };
  const newDrop = ({ viewer }: Visit, rows: number, values: Readonly<Record<string, string>>) =>
    newDropPage({ viewer, rows, values, shardsMax, locations, refusal: null });

  const make = async (visit: Visit): Promise<Response> => {
    const { viewer, api, form } = visit;
    const rows = rowsOf(form);
    if (form.has('more')) {
      return newDrop(visit, rowsOf(new Map([['rows', String(rows + 5)]])), Object.fromEntries(form));
    }
    const { body, inForm } = newDropBody(form);
    const made = await api.write<DropView>('POST', '/admin/drops', body);
    if (!made.refusal) return writtenAt(pageOf(made.value.id), 'created', made);
    const attempt = attemptOf('new', visit, inForm(made.refusal));
    return newDropPage({ ...attempt, viewer, rows, shardsMax, locations });
  };

  const app = new Hono()
    // Not below /admin/ui/drops/, where any word may be the slug of a drop.
    .get(
      '/admin/ui/new-drop',
      visited(async (visit) => newDrop(visit, ROWS_FIRST, formBegin)),
    )
    .post('/admin/ui/new-drop', visited(make))
    .get(
      '/admin/ui/drops/:id',
      visited((visit) => showDrop(visit, null)),
    )
    .post('/admin/ui/drops/:id/edit', visited(edit))
    .post(
      '/admin/ui/drops/:id/restock',
      visited((visit) => {
        const body = {
          sku: visit.form.get('sku') ?? '',
          quantity: numberOf(visit.form.get('quantity') ?? ''),
        };
        return change(visit, 'restock', 'restocked', 'POST', `/admin/drops/${idOf(visit)}/restock`, body);
      }),
    )
    .post(
      '/admin/ui/drops/:id/close',
      visited((visit) => change(visit, 'close', 'closed', 'POST', `/admin/drops/${idOf(visit)}/close`)),
    )
    .get('/admin/ui/drops/:id/certificate', visited(showCertificate));
  for (const [name, { edit: body, done }] of Object.entries(switches)) {
    app.post(
      `/admin/ui/drops/:id/${name}`,
      visited((visit) => change(visit, name, done, 'PATCH', `/admin/drops/${idOf(visit)}`, body)),
    );
  }
  return app;
}
