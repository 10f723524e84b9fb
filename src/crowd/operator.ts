/** An operator's requests to a server before its crowd arrives. */

export interface OperatedServer {
  url: string;
  adminToken: string;
}

/**
 * Sends a POST as the operator and returns the JSON of the answer. Throws with the answer if the
 * server refuses.
 */
export async function operate<T>(server: OperatedServer, path: string, body: object): Promise<T> {
  const answer = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${server.adminToken}` },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`The server refused POST ${path}: ${answer.status} ${text}`);
  return JSON.parse(text) as T;
}

/** Creates a drop from the body of POST /admin/drops. Throws if the server refuses. */
export const createDrop = (server: OperatedServer, drop: object): Promise<{ id: string }> =>
  operate(server, '/admin/drops', drop);

/**
 * Returns the writer's `synchronous` setting, as GET /readyz reports it. Throws if the server is
 * not ready.
 */
export async function readSynchronous({ url }: Pick<OperatedServer, 'url'>): Promise<string> {
  const answer = await fetch(`${url}/readyz`);
  const body = await answer.text();
  if (answer.status !== 200) throw new Error(`The server isn't ready: ${answer.status} ${body}`);
  return String((JSON.parse(body) as { synchronous?: unknown }).synchronous);
}
