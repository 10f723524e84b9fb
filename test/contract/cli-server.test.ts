/** `npm run stampede` against a running server: drops and orders, on every runtime. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runtimes, useServer } from '../support/contract-server.ts';
import { type CommandEnd, runCommand } from '../support/operator-command.ts';
import { testTimeoutMs } from '../support/patience.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import type { AdminDrop } from '../support/shapes.ts';
import { customer, dropBody, unique } from '../support/shop.ts';

const nowhere = join(scratchFolder(), 'none.db');

describe.each(runtimes)(
  'the command line against %s',
  (runtime) => {
    const shop = useServer(runtime);
    /** Workers have no command line of their own. */
    const runner = runtime === 'workerd' ? 'node' : runtime;
    const run = (args: string[], env: Record<string, string> = {}): CommandEnd =>
      runCommand(runner, 'stampede', nowhere, args, {
        STAMPEDE_URL: shop.server.url,
        STAMPEDE_TOKEN: shop.server.adminToken,
        ...env,
      });
    const done = (args: string[]): string => {
      const { code, stdout, stderr } = run(args);
      expect([args, code, stderr]).toEqual([args, 0, '']);
      return stdout;
    };
    const json = <T>(args: string[]): T => JSON.parse(done([...args, '--json'])) as T;

    test('creates a drop from a file or by options, and operates it', async () => {
      const file = join(scratchFolder(), 'drop.json');
      const body = dropBody({ publish: false });
      writeFileSync(file, JSON.stringify(body));
      const made = json<AdminDrop>(['drops', 'create', file, '--title', 'Reported here']);
      expect(made).toMatchObject({ slug: body.slug, title: 'Reported here', phase: 'draft' });
      const { slug } = made;
      const phaseAfter = (...args: string[]) => json<AdminDrop>(['drops', ...args]).phase;
      expect(phaseAfter('publish', slug)).toBe('live');
      expect(phaseAfter('pause', slug)).toBe('paused');
      expect(phaseAfter('resume', slug)).toBe('live');
      expect(phaseAfter('unpublish', slug)).toBe('draft');
      expect(json<AdminDrop>(['drops', 'restock', slug, 'one', '-2']).items[0]?.stock).toBe(3);
      expect(phaseAfter('close', slug)).toBe('draft');

      const other = `cli-${unique()}`;
      const said = [
        [
          '--slug',
          other,
          '--title',
          'By options',
          '--currency',
          'EUR',
          '--starts-at',
          '2027-03-01T18:00:00Z',
        ],
        ['--item', 'M,Medium, with a comma,4900,300', '--item', 'L,Large,4900,10', '--per-customer', '2'],
      ].flat();
      done(['drops', 'create', ...said, '--publish']);
      const limited = (slug: string, ...limit: string[]) =>
        json<AdminDrop>(['drops', 'create', ...said.slice(0, -2), '--slug', `${slug}-${other}`, ...limit])
          .perCustomer;
      expect([limited('default'), limited('no', '--per-customer', 'none')]).toEqual([4, null]);
      const shown = done(['drops', 'show', other]);
      expect(shown).toMatch(/phase +scheduled/);
      expect(shown).toMatch(/M +49\.00 EUR +300 +300 +0 +0 +Medium, with a comma/);
      expect(done(['drops', 'list'])).toMatch(new RegExp(`${other} +scheduled .* 310 +310 +0 +By options`));
      expect(json<{ drops: AdminDrop[] }>(['drops', 'list']).drops.map((drop) => drop.slug)).toContain(other);
    });

    test('finds, fulfils and refunds orders', async () => {
      const drop = await shop.createDrop();
      const name = 'Ada \u001b[31mRed';
      const purchase = await shop.buy(drop.id, { customer: customer({ name: 'Ada' }) });
      const { id } = purchase.order;
      const other = await shop.buy(drop.id);
      const page = json<{ orders: { id: string }[]; nextCursor: string }>([
        'orders',
        'list',
        '--drop',
        drop.slug,
        '--limit',
        '1',
      ]);
      expect(page.orders.map((order) => order.id)).toEqual([other.order.id]);
      const next = done(['orders', 'list', '--drop', drop.slug, '--cursor', page.nextCursor]);
      expect(next).toContain(id);
      expect(next).not.toContain(name);
      expect(done(['orders', 'list', '--drop', drop.slug, '--status', 'paid'])).toBe('No such orders.\n');
      expect(done(['orders', 'show', id])).toMatch(/name +Ada/);

      await shop.pay(purchase);
      await shop.pay(other);
      const { order } = json<{ order: Record<string, unknown> }>([
        'orders',
        'fulfil',
        id,
        '--tracking',
        'JD01',
      ]);
      expect(order).toMatchObject({ id, status: 'fulfilled', trackingCode: 'JD01' });
      done(['orders', 'refund', other.order.id, '--no-restock']);
      await shop.orderBecomes(other, 'refunded');
      expect((await shop.drop(drop.id)).items[0]?.stock).toBe(4);
    });

    test('deletes a customer’s data, once each open order is named', async () => {
      const email = `cli-${unique()}@canary.example`;
      const drop = await shop.createDrop();
      const paid = await shop.buy(drop.id, { customer: customer({ email }) });
      await shop.pay(paid);
      const other = await shop.buy(drop.id);
      const erase = ['customers', 'erase', email];
      const { id } = paid.order;
      const refused: [args: string[], named: string][] = [
        [[], id],
        [['--dry-run'], id],
        [['--open-order', other.order.id], other.order.id],
        [['--open-order', id, '--open-order', 'ord_AAAAAAAAAAAAAAAAAAAAAA'], 'ord_AAAAAAAAAAAAAAAAAAAAAA'],
        [['--open-order', 'ord_none'], 'ord_none'],
      ];
      for (const [args, named] of refused) {
        const { code, stdout, stderr } = run([...erase, ...args]);
        expect([args, code, stdout]).toEqual([args, 1, '']);
        expect(stderr).toContain(named);
        // The message names the command's option, not the API's field.
        expect(stderr).toContain('--open-order');
        expect(stderr).not.toContain('openOrders');
        expect(stderr.trim().split('\n')).toHaveLength(1);
      }
      expect(done(['orders', 'show', id])).toContain(email);
      expect(done([...erase, '--open-order', id, '--dry-run'])).toBe(
        'Would delete the personal data of 1 order.\n',
      );
      expect(done(['orders', 'show', id])).toContain(email);
      expect(json([...erase, '--open-order', id])).toEqual({ orders: 1 });
      expect(done(['orders', 'show', id])).not.toContain(email);
      const nothing = 'No orders with personal data found for this address.\n';
      for (const args of [erase, [...erase, '--dry-run']]) expect(done(args)).toBe(nothing);
    });

    test('refuses in one line with the reason', async () => {
      const { slug } = await shop.createDrop();
      const refused: readonly (readonly [
        args: string[],
        env: Record<string, string>,
        code: number,
        said: RegExp,
      ])[] = [
        [['drops', 'show', 'näne'], {}, 1, /^No drop "näne": .*\(not_found\)/],
        [['drops', 'publish', 'none'], {}, 1, /^No drop "none": .*\(not_found\)/],
        [['drops', 'close', 'none'], {}, 1, /^No drop "none": .*\(not_found\)/],
        [['drops', 'restock', 'none', 'M', '1'], {}, 1, /^No drop "none": .*\(not_found\)/],
        [['orders', 'show', 'ord_none'], {}, 1, /^No order "ord_none": .*\(not_found\)/],
        [['orders', 'refund', 'ord_none'], {}, 1, /^No order "ord_none": .*\(not_found\)/],
        [['orders', 'fulfil', 'ord_none'], {}, 1, /^No order "ord_none": .*\(not_found\)/],
        [['orders', 'list', '--drop', 'none'], {}, 1, /^No drop "none": .*\(invalid\)/],
        [['drops', 'create', '--slug', 'Bad Slug'], {}, 1, /\(invalid\).*title: Is required\./],
        [['drops', 'restock', slug, 'none', '1'], {}, 1, /\(invalid\) sku "none": The drop has no item/],
        [['drops', 'restock', slug, 'one', '-6'], {}, 1, /quantity -6: /],
        [['drops', 'list'], { STAMPEDE_TOKEN: 'wrong' }, 1, /\(unauthorized\)/],
        [['drops', 'list'], { STAMPEDE_TOKEN: '' }, 2, /No operator token/],
        [['drops', 'list'], { STAMPEDE_URL: 'http://127.0.0.1:1' }, 1, /can't be reached/],
        [['drops', 'lst'], {}, 2, /unknown command 'lst' \(Did you mean list\?\)/],
      ];
      for (const [args, env, code, said] of refused) {
        const end = run(args, env);
        expect([args, end.code, end.stdout]).toEqual([args, code, '']);
        expect(end.stderr).toMatch(said);
        expect(end.stderr.trim().split('\n')).toHaveLength(1);
      }
    });

    test('takes the token from a file, and help from every command', () => {
      const file = join(scratchFolder(), 'token');
      writeFileSync(file, `${shop.server.adminToken}\n`);
      const { url } = shop.server;
      const given = ['drops', 'list', '--url', url, '--token-file', file];
      expect(run(given, { STAMPEDE_TOKEN: 'wrong', STAMPEDE_URL: 'http://127.0.0.1:1' }).code).toBe(0);
      for (const args of [['--help'], ['drops', 'create', '--help'], ['help', 'orders']]) {
        expect(done(args)).toContain('Usage: stampede');
      }
      expect(run([]).code).toBe(2);
    });
  },
  testTimeoutMs,
);
