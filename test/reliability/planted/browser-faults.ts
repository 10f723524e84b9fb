/** Mutations of what an operator's or a buyer's browser is protected from: pictures, foreign forms. */
import type { Fault } from './fault.ts';

const fields = 'test/contract/admin-drop-fields.test.ts';
const pictures = 'test/contract/pictures.test.ts';
const imageUrl = 'src/domain/image-url.ts';
const forms = 'test/contract/own-forms.test.ts';
const ownForm = 'src/http/own-form.ts';

const rows: readonly [
  name: string,
  file: string,
  search: string,
  replace: string,
  test: string,
  caughtBy: string,
][] = [
  [
    'a picture may be any path of this server',
    imageUrl,
    'if (!url) return imagePath.test(text);',
    "if (!url) return text.startsWith('/');",
    fields,
    'on node create .imageUrl',
  ],
  [
    'a picture leaves its folder by dot segments',
    imageUrl,
    '(?!\\.{1,2}(?:[/?]|$))',
    '',
    fields,
    'on node create .imageUrl',
  ],
  [
    'a picture hides the path of operators behind an escape',
    imageUrl,
    'times < 3',
    'times < 0',
    fields,
    'on node create .imageUrl',
  ],
  [
    'a picture may be another address of this server, named whole',
    'src/http/admin-drops.ts',
    'url && isOtherOwnUrl(url, [deps.publicUrl(), c.req.url])',
    'url && isOtherOwnUrl(url, [])',
    pictures,
    'on node must not be another address',
  ],
  [
    'a picture runs an export with the session of an operator',
    'src/http/admin-auth.ts',
    "if (isEmbedded(c)) return problem('forbidden', { detail: embeddedDetail });",
    '',
    pictures,
    'on node can.t run an export',
  ],
  [
    'a page of the dashboard is loaded as a picture',
    'src/http/dashboard/page-request.ts',
    "if (isEmbedded(c)) return problem('forbidden', { detail: embeddedDetail });",
    '',
    pictures,
    'on node can.t run an export',
  ],
  [
    'a form of a sibling domain counts as our own',
    ownForm,
    "new Set(['same-origin', 'none'])",
    "new Set(['same-origin', 'none', 'same-site'])",
    forms,
    'on node of another site',
  ],
  [
    'the origin of a form is not looked at',
    ownForm,
    'if (origin !== undefined && !isOwnOrigin',
    "if (origin === '' && !isOwnOrigin",
    forms,
    'on node of another site',
  ],
  [
    'what a browser says of the site is believed before its origin',
    ownForm,
    'if (site !== undefined && !ownSites.has(site)) return refusal();',
    'if (site !== undefined) return ownSites.has(site) ? null : refusal();',
    forms,
    'on node of another site',
  ],
  [
    'any scheme and port of our host is our origin',
    ownForm,
    'given.host === here.host && here.host !== own?.host',
    'given.host === here.host || given.hostname === own?.hostname',
    forms,
    'on node of another site',
  ],
  [
    'the address that was asked is no origin of ours',
    ownForm,
    '|| (given.host === here.host && here.host !== own?.host)',
    '',
    forms,
    'on node of its own pages',
  ],
  [
    'a body that is no form cancels an order from another site',
    'src/http/order-pages.ts',
    'const foreign = refuseForeignForm(c, deps);',
    'const foreign = null as Response | null;',
    forms,
    'on node of another site',
  ],
  [
    'a cookie alone cancels an order',
    'src/http/order-pages.ts',
    "const unnamed = isTyped || ownToken === '' ? null : refuseUnnamedForm(c);",
    'const unnamed = isTyped ? refuseUnnamedForm(c) : null;',
    forms,
    'on node without origin headers',
  ],
  [
    'an operator pages through all orders unnoticed',
    'src/http/admin-orders.ts',
    'const noted = await listed.show(actor, drop?.id ?? null, shownIds, clock.monotonicMs());',
    'const noted = await listed.show(actor, drop?.id ?? null, [], clock.monotonicMs());',
    'test/contract/listed-orders.test.ts',
    'on node page by page',
  ],
  [
    'each page of orders is noted',
    'src/http/listed-orders.ts',
    'window.isNoted = true;',
    '',
    'test/unit/http/listed-orders.test.ts',
    'is noted, once an hour',
  ],
  [
    'operators count together',
    'src/http/listed-orders.ts',
    'this.#windows.get(key)',
    'this.#windows.get([...this.#windows.keys()][0] ?? key)',
    'test/unit/http/listed-orders.test.ts',
    'each operator and each drop',
  ],
  [
    'orders are shown although the log could not note it',
    'src/http/listed-orders.ts',
    "if (outcome.kind !== 'done') return outcome;",
    "if (outcome.kind !== 'done') return { kind: 'done' } as const;",
    'test/unit/http/listed-orders.test.ts',
    'orders that could not be noted',
  ],
  [
    'a drop file brings any picture',
    'src/http/moved-row.ts',
    'image_url: kept(drop.imageUrl),',
    'image_url: v.unknown(),',
    pictures,
    'a drop file brings no picture',
  ],
];

export const browserFaults: readonly Fault[] = rows.map(
  ([name, file, search, replace, test, caughtBy]): Fault => ({
    class: 'hostile requests and clients',
    name,
    patches: [{ file, search, replace }],
    tests: [test],
    caughtBy,
  }),
);
