/** `--key` of the command line: a repeated write takes effect once, on every runtime. */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runtimes } from '../support/contract-server.ts';
import { type CommandEnd, runCommand, runCommandBeside } from '../support/operator-command.ts';
import { useOutsideMoney } from '../support/outside-money.ts';
import { testTimeoutMs } from '../support/patience.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import type { AdminDrop } from '../support/shapes.ts';
import { unique } from '../support/shop.ts';
import { refundFails } from '../support/stripe-movements.ts';
import { wholeBody } from '../support/whole-body.ts';

const nowhere = join(scratchFolder(), 'none.db');
const replayed = 'Already done with this key. Nothing was changed.\n';

describe.each(runtimes)(
  'a key of the command line on %s',
  (runtime) => {
    const { shop, stripe, sell, report } = useOutsideMoney(runtime);
    /** Workers have no command line of their own. */
    const runner = runtime === 'workerd' ? 'node' : runtime;
    const run = (...args: string[]): CommandEnd =>
      runCommand(runner, 'stampede', nowhere, args, {
        STAMPEDE_URL: shop.server.url,
        STAMPEDE_TOKEN: shop.server.adminToken,
      });
    /** Runs the command twice with one key; returns the result that both printed. */
    const twice = <T>(...args: string[]): T => {
      const keyed = [...args, '--json', '--key', crypto.randomUUID()];
      const first = run(...keyed);
      expect([args, first.code, first.stderr]).toEqual([args, 0, '']);
      const again = run(...keyed);
      expect([args, again]).toEqual([args, { ...first, stderr: replayed }]);
      return JSON.parse(first.stdout) as T;
    };
    const stockOf = async (id: string) => (await shop.drop(id)).items[0]?.stock;

    test('creates, edits, restocks and closes a drop once', async () => {
      const slug = `keyed-${unique()}`;
      const body = ['--title', 'Keyed', '--currency', 'EUR', '--starts-at', '2026-01-01T00:00:00Z'];
      const { id } = twice<AdminDrop>(
        ...['drops', 'create', '--slug', slug, ...body, '--item', 'one,One,1250,5', '--publish'],
      );
      expect(twice<AdminDrop>('drops', 'restock', slug, 'one', '5').items[0]?.stock).toBe(10);
      expect(run('drops', 'restock', slug, 'one', '5').stderr).toBe('');
      expect(await stockOf(id)).toBe(15);
      for (const [action, phase] of [
        ['pause', 'paused'],
        ['resume', 'live'],
        ['unpublish', 'draft'],
        ['publish', 'live'],
      ] as const)
        expect(twice<AdminDrop>('drops', action, slug).phase).toBe(phase);
      const close = ['drops', 'close', slug, '--key', crypto.randomUUID(), '--json'];
      const closed = run(...close);
      expect(JSON.parse(closed.stdout)).toMatchObject({ phase: 'ended' });
      // A closed drop stays closed, with any key.
      expect(run(...close)).toEqual(closed);
    });

    test('fulfils and refunds an order once, and settles a refund once', async () => {
      const [sent, returned, failed] = [await sell(), await sell(), await sell()];
      twice('orders', 'fulfil', sent.purchase.order.id, '--tracking', 'JD01');
      twice('orders', 'refund', returned.purchase.order.id);
      await shop.orderBecomes(returned.purchase, 'refunded');
      run('orders', 'refund', failed.purchase.order.id);
      await shop.orderBecomes(failed.purchase, 'refunded');
      const made = stripe.refunds.find(({ payment_intent }) => payment_intent === failed.payment.id);
      if (!made) throw new Error('Stripe has no refund.');
      await report(refundFails(stripe, made));
      const { refunds } = JSON.parse(run('refunds', 'list', '--json').stdout);
      expect(twice('refunds', 'settle', refunds[0].id, '--note', 'Transfer 4711')).toEqual({
        id: refunds[0].id,
        status: 'settled',
      });
    });

    test('belongs to one request', async () => {
      const { id, slug } = await shop.createDrop();
      const key = ['--key', crypto.randomUUID()];
      expect(run('drops', 'restock', slug, 'one', '1', ...key).code).toBe(0);
      const other = run('drops', 'restock', slug, 'one', '2', ...key);
      expect([other.code, other.stdout]).toEqual([1, '']);
      expect(other.stderr).toMatch(/\(key_reused\)/);
      expect(await stockOf(id)).toBe(6);
    });

    test('is printed where the answer is lost, and a retry with it shows the outcome', async () => {
      const { id, slug } = await shop.createDrop();
      const { url } = await losingAnswers(shop.server.url);
      const restock = ['drops', 'restock', slug, 'one', '5'];
      const lost = await runCommandBeside(runner, nowhere, [...restock, '--url', url], {
        STAMPEDE_TOKEN: shop.server.adminToken,
      });
      expect([lost.code, lost.stdout]).toEqual([1, '']);
      const [, key = ''] = /To retry, repeat the command with --key ([\w-]{36})\.\n$/.exec(lost.stderr) ?? [];
      expect(run(...restock, '--key', key)).toMatchObject({ code: 0, stderr: replayed });
      expect(await stockOf(id)).toBe(10);
    });
  },
  testTimeoutMs,
);

/** A proxy that passes requests on, and closes the connection instead of answering. */
async function losingAnswers(origin: string): Promise<{ url: string }> {
  const proxy = createServer(async (request, response) => {
    const body = await wholeBody(request);
    const { authorization = '', 'content-type': type = '', 'idempotency-key': key = '' } = request.headers;
    const headers = { authorization, 'content-type': type, 'idempotency-key': String(key) };
    await fetch(`${origin}${request.url}`, { method: request.method ?? 'GET', headers, body });
    response.destroy();
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void proxy.close());
  const { port } = proxy.address() as { port: number };
  return { url: `http://127.0.0.1:${port}` };
}
