/**
 * The peer's routes. Each handler runs in an interpreter of its own, so it can use nothing from
 * outside its function.
 */

onBootstrap((e) => {
  e.next();
  // PocketBase opens its files at NORMAL. All writes share this one connection; `/counts` shows
  // after the run that it was not replaced.
  e.app.nonconcurrentDB().newQuery('pragma synchronous = full').execute();
});

routerAdd('GET', '/drops', (e) => {
  const items = arrayOf(new DynamicModel({ sku: '', price: 0, stock: 0, held: 0 }));
  $app.concurrentDB().newQuery('select sku, price, stock, held from items order by sku').all(items);
  return e.json(200, { drops: [{ id: 'drop', items }] });
});

routerAdd('POST', '/purchase', (e) => {
  const { sku, quantity, customer } = e.requestInfo().body;
  const { email } = customer;
  const key = e.request.header.get('Idempotency-Key');
  let orderId;
  let isReplay = false;
  $app.runInTransaction((tx) => {
    const idOf = (sql, values) => {
      const rows = arrayOf(new DynamicModel({ id: '' }));
      tx.db().newQuery(sql).bind(values).all(rows);
      return rows[0]?.id;
    };
    orderId = idOf('select id from orders where customer = {:email} and idempotencyKey = {:key}', {
      email,
      key,
    });
    isReplay = orderId !== undefined;
    if (isReplay) return;
    const item = idOf(
      'update items set held = held + {:quantity} where sku = {:sku} and held + {:quantity} <= stock returning id',
      { quantity, sku },
    );
    if (item === undefined) return;
    const at = Date.now();
    const order = new Record(tx.findCachedCollectionByNameOrId('orders'));
    order.load({ item, quantity, customer: email, idempotencyKey: key, status: 'held', at });
    tx.save(order);
    const event = new Record(tx.findCachedCollectionByNameOrId('events'));
    event.load({ at, kind: 'held', item, order: order.id, quantity });
    tx.save(event);
    orderId = order.id;
  });
  if (orderId === undefined) return e.json(409, { code: 'sold_out' });
  if (isReplay) e.response.header().set('Idempotency-Replayed', 'true');
  return e.json(201, { order: { id: orderId, sku, quantity } });
});

routerAdd('GET', '/counts', (e) => {
  const counts = new DynamicModel({ orders: 0, events: 0, held: 0, synchronous: 0 });
  $app
    .nonconcurrentDB()
    .newQuery(
      'select (select count(*) from orders) orders, (select count(*) from events) events, (select sum(held) from items) held, (select synchronous from pragma_synchronous) synchronous',
    )
    .one(counts);
  return e.json(200, counts);
});
