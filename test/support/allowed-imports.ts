/** The folders of src, and which files and packages each may import. */

/** What the files of each folder may import: files of this repository, and packages. */
export const allowedImports: Record<string, { files: string[]; packages: RegExp }> = {
  // The engine does not know the shop; another application may use it alone.
  'src/split': {
    files: ['src/split/'],
    packages:
      /^(?:node:(?:child_process|fs|module|os|path|process|url|worker_threads)|better-sqlite3|drizzle-orm(?:\/.*)?)$/,
  },
  // Close to what they work around: they import nothing of the shop.
  'src/workarounds': {
    files: ['src/split/clock.ts'],
    packages: /^(?:node:(?:http|net)|hono)$/,
  },
  'src/domain': {
    files: ['src/domain/', 'src/split/refusal.ts', 'src/split/statements.ts'],
    packages: /^ipaddr\.js$/,
  },
  'src/payments': {
    files: ['src/payments/', 'src/domain/', 'src/ids/ids.ts', 'src/limits.ts', 'src/log.ts'],
    packages: /^(?:node:crypto|standardwebhooks|valibot|stripe|@payos\/node)$/,
  },
  'src/pages': { files: ['src/pages/', 'src/domain/', 'src/limits.ts'], packages: /^hono\/html$/ },
  // The public form of drops, orders and money: in answers, webhooks and the document.
  'src/answers': {
    files: ['src/answers/', 'src/payments/', 'src/database/', 'src/domain/', 'src/ids/ids.ts'],
    packages: /^valibot$/,
  },
  'src/api': {
    files: ['src/api/', 'src/http/', 'src/answers/', 'src/pages/', 'src/domain/'],
    packages: /^(?:hono(?:\/(?:html|client|types))?|valibot|@valibot\/to-json-schema)$/,
  },
  // Business decisions: synchronous, and the same on every runtime.
  'src/commands': {
    files: [
      'src/commands/',
      'src/database/',
      'src/domain/',
      'src/limits.ts',
      'src/split/clock.ts',
      'src/split/refusal.ts',
      'src/log.ts',
      'drizzle/',
    ],
    packages: /^(?:node:crypto|drizzle-orm(?:\/.*)?)$/,
  },
  'src/database': {
    files: [
      'src/database/',
      'src/domain/',
      'src/limits.ts',
      'src/split/clock.ts',
      'src/split/refusal.ts',
      'src/metrics.ts',
      'drizzle/',
    ],
    packages: /^(?:node:crypto|drizzle-orm(?:\/.*)?)$/,
  },
  'src/database/move': {
    files: ['src/database/', 'src/domain/', 'drizzle/'],
    packages: /^(?:node:crypto|drizzle-orm|valibot)$/,
  },
  'src/database/sqlite': {
    files: [
      'src/split/',
      'src/commands/',
      'src/database/',
      'src/domain/',
      'src/ids/ids.ts',
      'src/limits.ts',
      'src/metrics.ts',
      'drizzle/',
    ],
    packages:
      /^(?:node:(?:child_process|crypto|fs|os|path|url|worker_threads)|better-sqlite3|drizzle-orm(?:\/.*)?)$/,
  },
  'src/cli': {
    files: [
      'src/cli/',
      'src/split/',
      'src/database/',
      'src/domain/',
      'src/answers/schemas.ts',
      // The rule by which an import checks rows, on every import path.
      'src/http/moved-row.ts',
      'src/ids/ids.ts',
      // How a command is typed; the server's pages show it too.
      'src/runtime/as-typed.ts',
      'src/limits.ts',
      'src/load-test/',
      'src/runtime/start.ts',
      'drizzle/',
    ],
    packages:
      /^(?:package\.json|node:(?:crypto|events|fs|path)|commander|drizzle-orm\/better-sqlite3|valibot)$/,
  },
  // Runs in browsers: it shares only the wire format with the server.
  'src/client': { files: ['src/client/'], packages: /^$/ },
  // Buyers, seen from outside: it knows the file and its ids, and nothing else of the server.
  'src/crowd': {
    files: ['src/crowd/', 'src/ids/ids.ts', 'drizzle/'],
    packages:
      /^(?:node:(?:child_process|events|fs|net|path|timers\/promises|util)|better-sqlite3|hdr-histogram-js)$/,
  },
  'src/load-test': {
    files: [
      'src/load-test/',
      'src/crowd/',
      'src/database/audit/',
      'src/split/connection.ts',
      'src/split/program-files.ts',
      'src/database/sqlite/file-rows.ts',
      'src/database/sqlite/ids-of-file.ts',
      'src/domain/',
      'src/ids/ids.ts',
      'src/limits.ts',
      'drizzle/',
    ],
    packages: /^(?:node:(?:crypto|fs|net|path|url)|better-sqlite3|hdr-histogram-js)$/,
  },
  'src/background': {
    files: [
      'src/background/',
      'src/payments/',
      'src/database/',
      'src/domain/',
      'src/answers/',
      'src/config/mail.ts',
      'src/pages/money.ts',
      'src/ids/ids.ts',
      'src/limits.ts',
      'src/split/clock.ts',
      'src/split/refusal.ts',
      'src/log.ts',
    ],
    packages: /^(?:node:crypto|standardwebhooks|hono\/html|nodemailer(?:\/lib\/smtp-pool)?)$/,
  },
  'src/http': {
    files: [
      'src/http/',
      'src/answers/',
      'src/workarounds/',
      // Records a provider's answer the same way, whichever caller requested it.
      'src/background/mismatched-report.ts',
      'src/background/ignored-payment.ts',
      'src/background/reconcile-checkout.ts',
      'src/pages/',
      'src/payments/',
      'src/database/',
      'src/domain/',
      'src/ids/ids.ts',
      'src/limits.ts',
      'src/split/clock.ts',
      'src/split/refusal.ts',
      'src/log.ts',
      'src/metrics.ts',
      'src/trace.ts',
    ],
    packages: /^(?:node:crypto|hono(?:\/.*)?|libphonenumber-js\/(?:core|min\/metadata)|valibot)$/,
  },
};
