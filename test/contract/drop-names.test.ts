/** Slugs that are also words in addresses: each leads to its drop. */
import { describe, expect, test } from 'vitest';
import { runtimes, useServer } from '../support/contract-server.ts';
import { expectPage, signedIn } from '../support/dashboard-visitor.ts';

describe.each(runtimes)('names of drops on %s', (runtime) => {
  const shop = useServer(runtime);

  test.each(['new', 'stock', 'edit', 'find', 'import'])(
    'a drop named %s is reached by its name on every page',
    async (slug) => {
      const chief = await signedIn(shop.server.url, shop.server.adminToken);
      const drop = await shop.createDrop({ slug, title: `Fern named ${slug}` });
      for (const path of [`/drops/${slug}`, `/admin/drops/${slug}`, `/d/${slug}`])
        expect((await shop.admin({ path })).text, path).toContain(drop.title);
      // The operator's page of the drop, not a page of the dashboard itself.
      const page = await chief.look(`/admin/ui/drops/${slug}`);
      expectPage(page);
      expect(page.text).toContain(`<h1>${drop.title}</h1>`);
      expect((await chief.submit(`/admin/ui/drops/${slug}/pause`)).status).toBe(303);
      expect((await shop.admin({ path: `/admin/drops/${drop.id}` })).text).toContain('"paused":true');
    },
  );
});
