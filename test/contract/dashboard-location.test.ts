/** The dashboard's form for a new drop on a runtime where its location can be chosen. */
import { describe, expect, test } from 'vitest';
import { runtimes, useServer } from '../support/contract-server.ts';
import { expectPage, signedIn, typedDrop } from '../support/dashboard-visitor.ts';

describe.each(runtimes)('the location of a new drop on %s', (runtime) => {
  const shop = useServer(runtime);

  test('the form of a new drop asks for a location only where there is a choice', async () => {
    const chief = await signedIn(shop.server.url, shop.server.adminToken);
    const form = await chief.look('/admin/ui/new-drop');
    expect(form.text.includes('<select id="locationHint"')).toBe(runtime === 'workerd');
    // workerd on a developer's machine has no jurisdictions.
    expect(form.text).not.toContain('id="jurisdiction"');
    const refused = await chief.submit('/admin/ui/new-drop', typedDrop({ jurisdiction: 'eu' }));
    expectPage(refused, 422);
    expect(refused.text).toContain('Must be null');
    if (runtime !== 'workerd') return;
    const made = await chief.submit('/admin/ui/new-drop', typedDrop({ locationHint: 'weur' }));
    expect(made.status, made.text).toBe(303);
    const wrong = await chief.submit('/admin/ui/new-drop', typedDrop({ locationHint: 'moon' }));
    expectPage(wrong, 422);
    expect(wrong.text).toContain('id="wrong-locationHint"');
  });
});
