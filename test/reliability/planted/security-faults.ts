/** Doors that must stay shut, each opened once, with the tests that must notice it. */
import type { Fault } from './fault.ts';

const json = 'src/http/json.ts';
const node = 'src/runtime/node.ts';
const hostile = ['test/security/hostile-inputs.test.ts'];
const slow = ['test/security/slow-clients.test.ts'];
const smuggling = ['test/security/smuggling.test.ts'];
const pages = ['test/security/pages.test.ts'];

export const securityFaults: readonly Fault[] = [
  {
    class: 'hostile requests and clients',
    name: 'half of a character is taken for text',
    patches: [
      {
        file: 'src/http/schema.ts',
        search: 'v.check((text: string) => text.isWellFormed(),',
        replace: 'v.check((text: string) => text.length >= 0,',
      },
    ],
    tests: hostile,
    caughtBy: 'on node the body of purchase customer.name',
  },
  {
    class: 'hostile requests and clients',
    name: 'a refusal repeats a key that nobody knows',
    patches: [{ file: json, search: "keyShape.test(keys.at(-1) ?? '') ?", replace: 'keys.length > 0 ?' }],
    tests: hostile,
    caughtBy: 'on node the body of refundOrder keys',
  },
  {
    class: 'hostile requests and clients',
    name: 'a body that is no JSON is a fault of the server',
    patches: [
      {
        file: json,
        search: "return problem('malformed', { detail: 'The body is not JSON.' });",
        replace: "throw new Error('not JSON');",
      },
    ],
    tests: ['test/security/fuzz.test.ts'],
    caughtBy: 'in this process',
  },
  {
    class: 'hostile requests and clients',
    name: 'a body without a length has no bound',
    patches: [{ file: json, search: 'if (bytes > bytesMax) return null;', replace: '' }],
    tests: slow,
    caughtBy: 'on node .chunks without an end',
  },
  {
    class: 'hostile requests and clients',
    name: 'clients that drip their headers are looked for every 30 s',
    patches: [{ file: node, search: 'connectionsCheckingInterval: SLOW_CHECK_MS,', replace: '' }],
    tests: slow,
    caughtBy: 'drips its .headers. is disconnected',
  },
  {
    class: 'hostile requests and clients',
    name: 'a client that drips its body has no deadline',
    patches: [
      { file: node, search: 'server.requestTimeout = REQUEST_MS;', replace: 'server.requestTimeout = 0;' },
    ],
    tests: slow,
    caughtBy: 'drips its .body. is disconnected',
  },
  {
    class: 'hostile requests and clients',
    name: 'requests are read as leniently as Node can',
    patches: [
      {
        file: node,
        search: '{ connectionsCheckingInterval: SLOW_CHECK_MS,',
        replace: '{ connectionsCheckingInterval: SLOW_CHECK_MS, insecureHTTPParser: true,',
      },
    ],
    tests: smuggling,
    caughtBy: 'bytes on node .* is one request, or none',
  },
  {
    class: 'hostile requests and clients',
    name: 'a socket that says nothing is waited for',
    patches: [
      { file: node, search: 'if (socket.bytesRead === 0) socket.destroy();', replace: 'socket.ref();' },
    ],
    tests: slow,
    caughtBy: 'on node a socket that says nothing',
  },
  {
    class: 'hostile requests and clients',
    name: 'everybody is believed to be a proxy',
    patches: [
      {
        file: 'src/http/client-address.ts',
        search: 'while (trustedProxies.some((network) => isInNetwork(client ?? [], network))) {',
        replace: 'while (trustedProxies.length >= 0) {',
      },
    ],
    tests: smuggling,
    caughtBy: 'made up address on node',
  },
  {
    class: 'hostile requests and clients',
    name: 'the way to pay goes by the Host of the request',
    patches: [
      {
        file: 'src/http/purchase.ts',
        search: '()}/pay/',
        replace: '() && `http://$' + '{c.req.header("host")}`}/pay/',
      },
    ],
    tests: smuggling,
    caughtBy: 'bytes on node a host that is made up',
  },
  {
    class: 'hostile requests and clients',
    name: 'an order’s token is good in any case',
    patches: [
      {
        file: 'src/ids/ids.ts',
        search: 'const given = Buffer.from(token);',
        replace:
          'const given = token.toLowerCase() === orderToken(orderId).toLowerCase() ? expected : Buffer.from(token);',
      },
    ],
    tests: ['test/security/order-tokens.test.ts'],
    caughtBy: 'on node getOrder the token in',
  },
  {
    class: 'hostile requests and clients',
    name: 'the operator’s token opens every order',
    patches: [
      {
        file: 'src/http/orders.ts',
        search: 'return key && ids.isOrderToken(id, bearerToken(c)) ? key.orderId : null;',
        replace:
          "return key && (bearerToken(c).includes('admin') || ids.isOrderToken(id, bearerToken(c))) ? key.orderId : null;",
      },
    ],
    tests: ['test/security/order-tokens.test.ts'],
    caughtBy: 'on node getOrder the operator',
  },
  {
    class: 'hostile requests and clients',
    name: 'any operator may do whatever one may do',
    patches: [
      {
        file: 'src/http/admin-routes.ts',
        search: 'if (operator.scopes.has(scope)) return',
        replace: 'if (operator.scopes.size > 0 || scope) return',
      },
    ],
    tests: ['test/contract/admin-authorization.test.ts'],
    caughtBy: 'on node .* a token with every other scope gets 403',
  },
  {
    class: 'hostile requests and clients',
    name: 'on Bun the storefront’s form has no address',
    patches: [
      {
        file: 'src/runtime/bun.ts',
        search: 'server?.requestIP(request)?.address',
        replace: 'server?.requestIP(new Request(request))?.address',
      },
    ],
    tests: ['test/security/storefront-limits.test.ts'],
    caughtBy: 'form on bun',
  },
  {
    class: 'hostile requests and clients',
    name: 'pages may run what stands in them',
    patches: [
      {
        file: 'src/pages/document.ts',
        search: `"script-src 'self'"`,
        replace: `"script-src 'self' 'unsafe-inline'"`,
      },
    ],
    tests: pages,
    caughtBy: 'on node each has the policy',
  },
  {
    class: 'hostile requests and clients',
    name: 'a browser runs what stands in a page',
    patches: [
      {
        file: 'src/pages/document.ts',
        search: `"script-src 'self'"`,
        replace: `"script-src 'self' 'unsafe-inline'"`,
      },
    ],
    tests: pages,
    caughtBy: 'on node in a browser what stands in a page',
  },
  {
    class: 'hostile requests and clients',
    name: 'pages let themselves be framed',
    patches: [{ file: 'src/pages/document.ts', search: `  "frame-ancestors 'none'",\n`, replace: '' }],
    tests: pages,
    caughtBy: 'on node in a browser no page shows itself',
  },
  {
    class: 'hostile requests and clients',
    name: 'pages behind https let browsers come without it',
    patches: [
      {
        file: 'src/http/strict-transport.ts',
        search: "startsWith('https:')",
        replace: "startsWith('never:')",
      },
    ],
    tests: pages,
    caughtBy: 'behind https on node',
  },
  {
    class: 'hostile requests and clients',
    name: 'a limit remembers every key for ever',
    patches: [
      {
        file: 'src/http/rate-limiter.ts',
        search: 'this.#recent.size >= this.#keysMax / 2',
        replace: 'this.#keysMax < 0',
      },
    ],
    tests: ['test/unit/http/rate-limiter.test.ts'],
    caughtBy: 'a million keys take the memory of a thousand',
  },
  {
    class: 'hostile requests and clients',
    name: 'requests for a purchase are kept for ever, with their buffers',
    patches: [
      {
        file: 'src/http/purchase.ts',
        search: "  return new Hono().post('/purchase', async (c) => {",
        replace:
          "  const kept: unknown[] = [];\n  return new Hono().post('/purchase', async (c) => {\n    kept.push(c, Buffer.alloc(16_384, 1));",
      },
    ],
    tests: ['test/security/memory.test.ts'],
    caughtBy: 'refused purchases, each of another address',
  },
];
