/** What the storefront does better with script: countdowns by the server's clock, live stock, and a button that is pressed once. */

// A text, because every runtime serves it as it is, without a build; test/browser runs it in a real one.
export const shopScript = `'use strict';
(() => {
  const { body } = document;
  const offsetMs = Date.parse(body.dataset.now) - Date.now();
  const now = () => Date.now() + offsetMs;
  const two = (number) => String(number).padStart(2, '0');
  const rest = (ms) => {
    const seconds = Math.max(0, Math.ceil(ms / 1000));
    const [days, hours, minutes] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
    const clock = (hours > 0 || days > 0 ? hours + ':' + two(minutes) : minutes) + ':' + two(seconds % 60);
    return days > 0 ? days + ' d ' + clock : clock;
  };
  const renew = (() => {
    let isGoing = false;
    return () => {
      if (isGoing) return;
      isGoing = true;
      // Not all in the same moment: a crowd waits for the same second.
      setTimeout(() => location.reload(), Math.random() * 700);
    };
  })();
  for (const clock of document.querySelectorAll('[data-until]')) {
    const untilMs = Date.parse(clock.dataset.until);
    const tick = () => {
      const leftMs = untilMs - now();
      clock.textContent = rest(leftMs);
      if (leftMs <= 0) return renew();
      setTimeout(tick, 1000 - ((offsetMs + Date.now()) % 1000));
    };
    tick();
  }

  const form = document.querySelector('form[data-buy]');
  const button = form?.querySelector('button');
  if (button) {
    const word = button.textContent;
    form.addEventListener('submit', (event) => {
      if (button.dataset.busy) return event.preventDefault();
      button.dataset.busy = 'yes';
      button.textContent = button.dataset.busyWord;
      // No answer: the same form sent again is the same order.
      setTimeout(() => { delete button.dataset.busy; button.textContent = word; }, 8000);
    });
    addEventListener('pageshow', () => { delete button.dataset.busy; button.textContent = word; });
  }

  const { stock } = body.dataset;
  if (!stock) return;
  const words = JSON.parse(body.dataset.words);
  const phase = body.dataset.phase;
  const show = (told) => {
    if (told.phase !== phase && !(told.phase === 'sold_out' && phase === 'live') && !(told.phase === 'live' && phase === 'sold_out')) return renew();
    for (const { sku, available, held } of told.items) {
      const item = document.querySelector('[data-sku="' + CSS.escape(sku) + '"]');
      if (!item) continue;
      item.querySelector('small').textContent =
        available > 0 ? (available === 1 ? words.one : words.many.replace('%', available)) : held > 0 ? words.inHands : words.none;
      const input = item.querySelector('input');
      if (input && phase === 'live') input.disabled = available === 0 && !input.checked;
    }
    if (told.phase === 'live' && phase === 'sold_out') renew();
  };
  let waitMs = 1000;
  const again = () => setTimeout(listen, (waitMs = Math.min(waitMs * 2, 30000)) * (0.5 + Math.random() / 2));
  function listen() {
    if (body.dataset.live === 'socket') {
      const socket = new WebSocket(location.origin.replace(/^http/, 'ws') + stock);
      socket.onmessage = ({ data }) => { waitMs = 1000; show(JSON.parse(data).data); };
      socket.onclose = again;
      return;
    }
    const source = new EventSource(stock);
    source.addEventListener('stock', ({ data }) => { waitMs = 1000; show(JSON.parse(data)); });
    source.onerror = () => { if (source.readyState === EventSource.CLOSED) again(); };
  }
  listen();
})();
`;
