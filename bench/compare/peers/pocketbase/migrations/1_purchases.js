/** The collections of the peer, with the same columns and indexes as `sqliteSchema`. */
migrate((app) => {
  const number = (name) => ({ name, type: 'number', onlyInt: true });
  const text = (name) => ({ name, type: 'text', required: true });
  const items = new Collection({
    type: 'base',
    name: 'items',
    fields: [text('sku'), number('price'), number('stock'), number('held')],
    indexes: ['create unique index items_sku on items (sku)'],
  });
  app.save(items);
  const item = { name: 'item', type: 'relation', collectionId: items.id, required: true, maxSelect: 1 };
  const orders = new Collection({
    type: 'base',
    name: 'orders',
    fields: [
      item,
      number('quantity'),
      text('customer'),
      text('idempotencyKey'),
      text('status'),
      number('at'),
    ],
    indexes: ['create unique index orders_key on orders (customer, idempotencyKey)'],
  });
  app.save(orders);
  const order = { name: 'order', type: 'relation', collectionId: orders.id, required: true, maxSelect: 1 };
  const events = new Collection({
    type: 'base',
    name: 'events',
    fields: [number('at'), text('kind'), item, order, number('quantity')],
  });
  app.save(events);

  for (const sku of ['S', 'M', 'L']) {
    const record = new Record(items);
    record.load({ sku, price: 9_900, stock: 10_000_000, held: 0 });
    app.save(record);
  }

  // The other peers keep no log of requests.
  const settings = app.settings();
  settings.logs.maxDays = 0;
  app.save(settings);

  // Without a superuser, PocketBase opens its installer in a browser.
  const superuser = new Record(app.findCollectionByNameOrId('_superusers'));
  superuser.set('email', 'bench@example.com');
  superuser.setPassword($security.randomString(30));
  app.save(superuser);
});
