/**
 * Storefront script: countdowns on server time, live stock, and pages that update themselves. It
 * never reloads, because reloading a page that answered a POST resubmits it. It fetches the page by
 * GET instead.
 */

const { body } = document;
const main = document.querySelector('main');
let offsetMs = 0;
let shown = main.innerHTML;
let endings = [];
// Typed values, kept while the page has no form.
const typed = new Map();
const now = () => Date.now() + offsetMs;
const here = () => location.pathname + location.search;
const later = (ms, work) => {
  const timer = setTimeout(work, ms);
  endings.push(() => clearTimeout(timer));
};
const two = (number) => String(number).padStart(2, '0');
const rest = (ms) => {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const [days, hours, minutes] = [
    Math.floor(seconds / 86400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  const clock = `${hours > 0 || days > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`;
  return days > 0 ? `${days} d ${clock}` : clock;
};

// An order's token arrives in the URL fragment, which no server sees, and leaves the address bar
// at once.
const isOrder = body.dataset.order !== undefined || location.pathname.startsWith('/o/');
let token = '';
const readToken = () => {
  const fragment = isOrder ? location.hash.slice(1) : '';
  token = fragment || (isOrder && history.state?.token) || token;
  if (fragment) history.replaceState(history.state, '', here());
};
// The order may answer a POST to another URL. With a token, the browser keeps no cookies, so each
// request needs it.
const keepPlace = () => {
  const { order, token: own } = body.dataset;
  if (!order) return;
  if (own) token = own;
  history.replaceState(own ? { token } : history.state, '', order + location.search);
};
const isClosed = (page) => page.querySelector('form[data-open]') !== null;
const accept = { accept: 'text/html' };
const read = async (answer) => {
  if (answer.status >= 500 || answer.status === 429) throw new Error('not now');
  return new DOMParser().parseFromString(await answer.text(), 'text/html');
};
const unlock = async () => {
  const answer = await fetch(here(), {
    method: 'POST',
    headers: accept,
    body: new URLSearchParams({ token }),
  });
  const page = await read(answer);
  if (isClosed(page)) token = '';
  return page;
};
const ask = async () => {
  const page = await read(await fetch(here(), { headers: accept }));
  return token && isClosed(page) ? unlock() : page;
};

const swap = (page) => {
  const next = page.querySelector('main');
  if (!next || next.innerHTML === shown) return false;
  const form = main.querySelector('form[data-buy]');
  if (form) for (const [name, value] of new FormData(form)) typed.set(name, value);
  // FormData omits disabled inputs.
  const chosen = main.querySelector('input[name=sku]:checked');
  if (chosen) typed.set('sku', chosen.value);
  const focused =
    document.activeElement && main.contains(document.activeElement) ? document.activeElement.id : '';
  for (const end of endings) end();
  stopPolling();
  endings = [];
  shown = next.innerHTML;
  main.innerHTML = shown;
  document.title = page.title;
  for (const name of Object.keys(body.dataset)) delete body.dataset[name];
  Object.assign(body.dataset, page.body.dataset);
  for (const [name, value] of typed) {
    const field =
      name === 'key'
        ? null
        : main.querySelector(
            `form[data-buy] [name="${name}"]${name === 'sku' ? `[value="${CSS.escape(value)}"]` : ''}`,
          );
    if (field && field.type === 'radio') field.checked = !field.disabled;
    else if (field) field.value = value;
  }
  if (focused) document.getElementById(focused)?.focus();
  const status = main.querySelector('[role=status]');
  // Refilled a moment later, so that screen readers announce it.
  if (status) {
    const nodes = [...status.childNodes];
    status.replaceChildren();
    setTimeout(() => status.replaceChildren(...nodes));
  }
  begin();
  return true;
};
// At most one poll is scheduled; a poll that is due repeats until the page has changed.
let [timer, isDue] = [0, false];
const pollIn = (ms, due, waitMs) => {
  if (isDue) return;
  clearTimeout(timer);
  isDue = due;
  timer = setTimeout(() => {
    isDue = false;
    if (due || !document.hidden) renew(due, waitMs);
    else poll();
  }, ms);
};
const stopPolling = () => {
  clearTimeout(timer);
  isDue = false;
};
const poll = () => {
  const seconds = Number(body.dataset.poll);
  if (seconds > 0) pollIn(seconds * 1000, false);
};
const renew = async (due, waitMs = 1000) => {
  try {
    if (swap(await ask())) return;
  } catch {
    /* Network or server unavailable: the next attempt may succeed. */
  }
  if (due) pollIn(waitMs, true, Math.min(waitMs * 2, 10000));
  else poll();
};
// Random delay, because many browsers wait for the same second.
const renewSoon = () => pollIn(Math.random() * 700, true);
document.addEventListener('visibilitychange', () => {
  if (isOrder && !document.hidden) renew(false);
});
addEventListener('pageshow', ({ persisted }) => {
  if (isOrder && persisted) renew(false);
});

const countDown = () => {
  for (const clock of main.querySelectorAll('[data-until]')) {
    const untilMs = Date.parse(clock.dataset.until);
    const tick = () => {
      const leftMs = untilMs - now();
      clock.textContent = rest(leftMs);
      if (leftMs <= 0) return renewSoon();
      later(1000 - (now() % 1000), tick);
    };
    tick();
  }
};

const guardForm = () => {
  const form = main.querySelector('form[data-buy]');
  const button = form?.querySelector('button');
  if (!button) return;
  const word = button.textContent;
  const free = () => {
    delete button.dataset.busy;
    button.textContent = word;
  };
  form.addEventListener('submit', (event) => {
    if (button.dataset.busy) return event.preventDefault();
    button.dataset.busy = 'yes';
    button.textContent = button.dataset.busyWord;
    // Without an answer, the same form can be sent again; its key gives the same order.
    setTimeout(free, 8000);
  });
  addEventListener('pageshow', free);
  endings.push(() => removeEventListener('pageshow', free));
};

const listen = () => {
  const { stock, live } = body.dataset;
  if (!stock) return;
  const words = JSON.parse(body.dataset.words);
  const { phase } = body.dataset;
  const counted = new Intl.PluralRules(document.documentElement.lang);
  const figures = new Intl.NumberFormat(document.documentElement.lang);
  const left = (units) =>
    (words.left[counted.select(units)] || words.left.other).replace('%', figures.format(units));
  const show = ({ phase: next, items }) => {
    // Keep a page that shows the form, so that nothing typed is lost; its badge shows the phase.
    if (next !== phase && !(phase === 'live' && next === 'sold_out')) return renewSoon();
    const badge = main.querySelector('.phase');
    badge.dataset.phase = next;
    badge.textContent = words.phases[next];
    for (const { sku, available, held } of items) {
      const item = main.querySelector(`[data-sku="${CSS.escape(sku)}"]`);
      if (!item) continue;
      item.querySelector('small').textContent =
        available > 0 ? left(available) : held > 0 ? words.inHands : words.none;
      const input = item.querySelector('input');
      if (input && phase === 'live') input.disabled = available === 0 && !input.checked;
    }
  };
  let waitMs = 1000;
  const again = () => {
    waitMs = Math.min(waitMs * 2, 30000);
    later(waitMs * (0.5 + Math.random() / 2), open);
  };
  const open = () => {
    if (live === 'socket') {
      const socket = new WebSocket(location.origin.replace(/^http/, 'ws') + stock);
      socket.onmessage = ({ data }) => {
        waitMs = 1000;
        show(JSON.parse(data).data);
      };
      socket.onclose = again;
      endings.push(() => {
        socket.onclose = null;
        socket.close();
      });
      return;
    }
    const source = new EventSource(stock);
    source.addEventListener('stock', ({ data }) => {
      waitMs = 1000;
      show(JSON.parse(data));
    });
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) again();
    };
    endings.push(() => source.close());
  };
  open();
};

const begin = () => {
  keepPlace();
  offsetMs = Date.parse(body.dataset.now) - Date.now() || 0;
  countDown();
  guardForm();
  listen();
  poll();
};
const unlockIfClosed = () => {
  readToken();
  if (token && isClosed(document))
    unlock()
      .then(swap)
      .catch(() => renew(true));
};
begin();
unlockIfClosed();
// A link pasted into this tab changes only the fragment.
addEventListener('hashchange', () => {
  unlockIfClosed();
  keepPlace();
});
