/** Pictures of drops point to no address of this server; subresources get no session. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { exportFromFile, importIntoFile } from '../../src/database/sqlite/move-file.ts';
import { imageUrlRule, ownImageUrlRule } from '../../src/domain/image-url.ts';
import { readJson } from '../support/client.ts';
import { createDrop, noon } from '../support/commands.ts';
import { runtimes, useServer } from '../support/contract-server.ts';
import { signedIn, typedDrop, wrongAt } from '../support/dashboard-visitor.ts';
import { expectAnswer } from '../support/scenario.ts';
import { migratedFile, ScratchStore, settingsFor } from '../support/scratch-store.ts';
import { dropBody } from '../support/shop.ts';
import { apiRules, editedFile } from '../support/signed-drop-file.ts';

describe.each(runtimes)('a picture on %s', (runtime) => {
  const shop = useServer(runtime);
  const own = (path: string): string => `https://${new URL(shop.server.url).hostname}${path}`;

  test('may be an image of this server, by path or by full address', async () => {
    for (const imageUrl of ['/images/a.png', '/images/spring/a-1.jpg?v=2', own('/images/a.png')]) {
      const drop = await shop.createDrop({ imageUrl });
      expect((await shop.send({ path: `/drops/${drop.id}` })).text).toContain(imageUrl);
    }
  });

  test('must not be another address of this server, on any port', async () => {
    const drop = await shop.createDrop();
    for (const imageUrl of ['/orders/x', '/', '/images/../orders/x', ':8443/metrics'].map(own)) {
      const json = { imageUrl };
      const path = `/admin/drops/${drop.id}`;
      for (const request of [
        { method: 'POST', path: '/admin/drops', json: dropBody(json) },
        { method: 'PATCH', path, json },
      ]) {
        const answer = await shop.admin(request);
        expectAnswer(answer, { status: 422, code: 'invalid', paths: ['imageUrl'] });
        expect(readJson<{ errors: unknown[] }>(answer).errors).toEqual([
          { path: 'imageUrl', message: ownImageUrlRule },
        ]);
      }
    }
  });

  test('is rejected in the dashboard at its field, with the rule', async () => {
    const operator = await signedIn(shop.server.url, shop.server.adminToken);
    const page = await operator.submit(
      '/admin/ui/new-drop',
      typedDrop({ imageUrl: '/admin/drops/x/orders.csv' }),
    );
    expect([page.status, wrongAt(page.text, 'imageUrl')]).toEqual([422, imageUrlRule]);
  });

  test('can’t run an export, nor load a page, with the session of an operator', async () => {
    const drop = await shop.createDrop();
    const csv = `/admin/drops/${drop.id}/orders.csv`;
    const operator = await signedIn(shop.server.url, shop.server.adminToken);
    const cookie = `session=${operator.cookies.get('session')}`;
    const statusOf = async (path: string, destination: string): Promise<number> =>
      (await shop.send({ path, headers: { cookie, 'sec-fetch-dest': destination } })).status;
    for (const path of [csv, `/admin/ui/drops/${drop.id}`]) {
      for (const destination of ['image', 'iframe', 'script', 'style', 'video', 'object'])
        expect([path, destination, await statusOf(path, destination)]).toEqual([path, destination, 403]);
      // Exports are answered 503 where too many run.
      for (const destination of ['document', 'empty'])
        expect([200, 503]).toContain(await statusOf(path, destination));
    }
    const token = { authorization: `Bearer ${shop.server.adminToken}`, 'sec-fetch-dest': 'image' };
    // A browser never sends a bearer token by itself.
    expect([200, 503]).toContain((await shop.send({ path: csv, headers: token })).status);
  });
});

test('a drop file brings no picture at an admin address', () => {
  const source = new ScratchStore();
  onTestFinished(() => source[Symbol.dispose]());
  source.run(createDrop({ imageUrl: '/images/a.png', endsAt: noon + 1 }), noon);
  const text = [...exportFromFile(source.settings, 'drop', noon + 1, apiRules)].join('');
  const withPicture = (url: string): string => {
    return editedFile(text, (line) => line.replace('/images/a.png', url));
  };
  const importOf = (url: string) => importIntoFile(settingsFor(migratedFile()), withPicture(url), apiRules);
  for (const url of ['/admin/drops/drop/orders.csv', '/images/%2e%2e/admin', 'https://x.example/admin/x']) {
    expect(() => importOf(url)).toThrow(`image_url: ${imageUrlRule}`);
  }
  expect(importOf('/images/a.png')).toEqual({ slug: 'drop' });
});
