/** The e-mails of a sale, for any mail provider and mailbox. */
import { canary } from './client.ts';
import type { Drop, Purchase } from './shapes.ts';
import { customer, type Shop, unique, until } from './shop.ts';

interface Mailbox {
  subjectsTo(address: string): string[];
}

export const operatorEmail = 'operator@example.com';

export const newBuyer = () => {
  const email = `buyer-${unique()}@${canary}.example`;
  return { email, customer: customer({ email, name: `${canary} <b>` }) };
};

/** Waits until exactly these e-mails have arrived at an address. */
export const untilMailed = (mailbox: Mailbox, address: string, subjects: readonly string[]) =>
  until(
    async () => mailbox.subjectsTo(address),
    (seen) => seen.join() === subjects.join(),
  );

interface MailedSale {
  title: string;
  drop: Drop;
  purchase: Purchase;
  email: string;
}

/** Sells the only unit of a drop, receives two payments, and waits for all e-mails about them. */
export async function mailedSale(shop: Shop, mailbox: Mailbox): Promise<MailedSale> {
  const title = `Fern ${unique()}`;
  const drop = await shop.createDrop({ title, items: [{ sku: 'one', name: 'One', price: 1250, stock: 1 }] });
  const { email, customer: ann } = newBuyer();
  const purchase = await shop.buy(drop.id, { customer: ann });
  // Paid orders get no further payment request.
  await untilMailed(mailbox, email, [`Held for you: ${title}`]);
  await shop.pay(purchase);
  await shop.pay(purchase);
  await untilMailed(mailbox, email, [`Held for you: ${title}`, `Paid: ${title}`, `Refunded: ${title}`]);
  await until(
    async () => mailbox.subjectsTo(operatorEmail),
    (seen) => seen.includes(`Sold out: ${title}`),
  );
  return { title, drop, purchase, email };
}
