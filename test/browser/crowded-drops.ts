/** Three drops and a crowd at one of them, as content for an operator's pages. */
import { readJson } from '../support/client.ts';
import type { AdminDrop, Purchase } from '../support/shapes.ts';
import { customer, isoFromNow, purchaseCall, type Shop, sleep, unique } from '../support/shop.ts';

/** A live drop, a scheduled one and a draft; returns the first. */
export const makeDrops = async (shop: Shop): Promise<AdminDrop> => {
  const itemsOf = (stock: number) =>
    ['41', '42', '43'].map((size, at) => ({
      sku: `eu-${size}`,
      name: `EU ${size}`,
      price: 12_900,
      stock: stock + 40 * at,
    }));
  const slug = (name: string) => ({ slug: `${name}-${unique().slice(0, 4)}` });
  const night = { title: 'Night Runner', startsAt: isoFromNow(3 * 86_400_000), items: itemsOf(400) };
  await shop.createDrop({ ...slug('night-runner'), ...night });
  const draft = { title: 'Winter Coat', publish: false, items: itemsOf(250) };
  await shop.createDrop({ ...slug('winter-coat'), ...draft });
  const fern = { title: 'Fern Runner, first edition', items: itemsOf(80) };
  return shop.createDrop({ ...slug('fern-runner'), ...fern });
};

/** A small crowd, so that the pages have figures; longer where a picture is taken. */
export const sendCrowd = async (shop: Shop, drop: AdminDrop): Promise<void> => {
  const isPictured = process.env.PICTURES !== undefined;
  const [ticks, buyers] = isPictured ? [48, 3] : [4, 2];
  for (let tick = 0; tick < ticks; tick += 1) {
    const buying = Array.from({ length: buyers }, async (_, at) => {
      const sku = drop.items[(tick + at * at) % drop.items.length]?.sku;
      const ada = customer({ name: 'Ada Lovelace' });
      const answer = await shop.send(purchaseCall(drop.id, { sku, customer: ada }));
      if (answer.status === 201 && (tick + at) % 3 !== 0) await shop.pay(readJson<Purchase>(answer));
    });
    await Promise.all([...buying, ...(isPictured ? [sleep(300)] : [])]);
  }
};
