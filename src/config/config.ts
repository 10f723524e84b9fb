/** Parses the environment into one frozen Config, or lists everything that is wrong with it. */
import * as v from 'valibot';
import { ADDRESS_UNITS_MOST } from '../domain/client-limits.ts';
import type { Network } from '../domain/ip-address.ts';
import { type ProviderName, providerNames } from '../domain/provider.ts';
import {
  ADMIN_TOKEN_BITS_MIN,
  ADMIN_TOKEN_CHARACTERS_MAX,
  BACKUP_KEEP_MAX,
  HOLD_SECONDS_MAX,
  HTTP_THREADS_MAX,
  SECRET_KEY_BITS_MIN,
} from '../limits.ts';
import {
  hardToGuess,
  headerWord,
  needed,
  networks,
  only,
  origins,
  plain,
  providers,
  secret,
  url,
  webhookUrls,
  whole,
} from './fields.ts';
import { type MailConfig, mailMistakes, mailOf, mailVariables } from './mail.ts';
import { misspelt } from './names.ts';

/** Credentials that each provider requires. */
const credentials = {
  sandbox: [],
  stripe: ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET'],
  payos: ['PAYOS_CLIENT_ID', 'PAYOS_API_KEY', 'PAYOS_CHECKSUM_KEY'],
} as const satisfies Record<ProviderName, readonly string[]>;
const isProviderName = (name: string): name is ProviderName => Object.hasOwn(credentials, name);

const variables = v.object({
  DATABASE_FILE: v.optional(plain(), 'data/stampede.db'),
  BACKUP_DIR: v.optional(plain()),
  BACKUP_KEEP: v.optional(whole(1, BACKUP_KEEP_MAX), '14'),
  HOST: v.optional(
    v.pipe(v.string(), v.regex(/^[\w.:%-]+$/, 'must be an address or a host name, without brackets')),
    '127.0.0.1',
  ),
  PORT: v.optional(whole(0, 65_535), '3000'),
  PUBLIC_URL: v.optional(url),
  CORS_ORIGINS: v.optional(origins, ''),
  MAX_READ_CONNS: v.optional(whole(2, 1_000), '100'),
  MAX_WRITE_CONNS: only('1', 'SQLite has one writer; a second connection would only wait for locks'),
  BUSY_TIMEOUT_MS: v.optional(whole(0, 60_000), '5000'),
  SYNCHRONOUS: v.optional(v.picklist(['FULL', 'NORMAL'], 'must be FULL or NORMAL'), 'FULL'),
  WRITE_QUEUE_MAX: v.optional(whole(1, 1_000_000), '10000'),
  WRITE_DEADLINE_MS: v.optional(whole(10, 60_000), '5000'),
  WRITE_BATCH_MAX: v.optional(whole(1, 10_000), '256'),
  HTTP_THREADS: v.optional(
    v.union(
      [v.literal('auto'), whole(1, HTTP_THREADS_MAX)],
      `must be auto or a whole number from 1 to ${HTTP_THREADS_MAX}`,
    ),
    'auto',
  ),
  RATE_LIMIT: v.optional(v.picklist(['on', 'off'], 'must be on or off'), 'on'),
  ADDRESS_UNITS_MAX: v.optional(whole(1, ADDRESS_UNITS_MOST)),
  TRUSTED_PROXIES: v.optional(networks, ''),
  WARM_UP: v.optional(v.picklist(['on', 'off'], 'must be on or off'), 'on'),
  HOLD_SECONDS: v.optional(whole(1, HOLD_SECONDS_MAX), '600'),
  ADMIN_TOKEN: v.optional(
    v.pipe(
      headerWord,
      v.minLength(16, 'must have at least 16 characters'),
      v.maxLength(ADMIN_TOKEN_CHARACTERS_MAX, `must have at most ${ADMIN_TOKEN_CHARACTERS_MAX} characters`),
      hardToGuess(ADMIN_TOKEN_BITS_MIN, 'openssl rand -hex 24'),
    ),
  ),
  SECRET_KEY: v.pipe(
    needed('ids and tokens are derived from it; generate one with `openssl rand -hex 32` and keep it'),
    plain(32),
    hardToGuess(SECRET_KEY_BITS_MIN, 'openssl rand -hex 32'),
  ),
  PAYMENT_PROVIDERS: v.pipe(needed(`list one or more of: ${providerNames.join(', ')}`), providers),
  STRIPE_SECRET_KEY: secret,
  STRIPE_WEBHOOK_SECRET: secret,
  STRIPE_API_BASE: v.optional(url),
  PAYOS_CLIENT_ID: secret,
  PAYOS_API_KEY: secret,
  PAYOS_CHECKSUM_KEY: secret,
  PAYOS_API_BASE: v.optional(url),
  WEBHOOK_URLS: v.optional(webhookUrls, ''),
  WEBHOOK_SECRET: v.optional(
    v.pipe(
      v.string(),
      v.regex(
        /^whsec_(?:[A-Za-z0-9+/]{4}){8,}(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/,
        'must be whsec_ followed by at least 24 bytes in base64',
      ),
    ),
  ),
  ...mailVariables,
  OTEL_EXPORTER_OTLP_ENDPOINT: v.optional(url),
  OTEL_TRACES_SAMPLER_ARG: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^(?:0(?:\.\d{1,6})?|1(?:\.0{1,6})?)$/, 'must be a number from 0 to 1'),
      v.transform(Number),
    ),
    '1',
  ),
  LOG_LEVEL: v.optional(
    v.picklist(['debug', 'info', 'warn', 'error', 'silent'], 'must be debug, info, warn, error or silent'),
    'info',
  ),
});

const environment = v.pipe(
  variables,
  v.forward(
    v.partialCheck(
      [['WRITE_BATCH_MAX'], ['WRITE_QUEUE_MAX']],
      ({ WRITE_BATCH_MAX, WRITE_QUEUE_MAX }) => WRITE_BATCH_MAX <= WRITE_QUEUE_MAX,
      'must not exceed WRITE_QUEUE_MAX: a batch is taken from the queue',
    ),
    ['WRITE_BATCH_MAX'],
  ),
);

export interface Config {
  readonly databaseFile: string;
  readonly backups: { readonly folder: string; readonly keep: number };
  readonly host: string;
  readonly port: number;
  /** Origin that buyers see; null: http at the served address. */
  readonly publicUrl: string | null;
  /** Origins whose pages may call the public API; `*` alone: all; empty: only our own. */
  readonly corsOrigins: readonly string[];
  readonly readersMax: number;
  readonly busyTimeoutMs: number;
  readonly synchronous: 'FULL' | 'NORMAL';
  readonly queueMax: number;
  readonly writeDeadlineMs: number;
  readonly batchMax: number;
  /** Threads that serve HTTP on the same port. */
  readonly httpThreads: number;
  /** Whether hot paths are compiled before the server reports that it listens. */
  readonly isWarmUpOn: boolean;
  readonly isRateLimitOn: boolean;
  /** Bound on unpaid units of a drop held from one address; null: derived from the drop's stock. */
  readonly addressUnitsMax: number | null;
  /** Proxies whose X-Forwarded-For is trusted. */
  readonly trustedProxies: readonly Network[];
  readonly holdSeconds: number;
  /** Null: not set; then only operator tokens in the database are valid. */
  readonly adminToken: string | null;
  readonly secretKey: string;
  readonly paymentProviders: readonly ProviderName[];
  /**
   * Empty unless PAYMENT_PROVIDERS names the provider; `apiBase` null is the provider's default.
   */
  readonly stripe: { secretKey: string; webhookSecret: string; apiBase: string | null };
  readonly payos: { clientId: string; apiKey: string; checksumKey: string; apiBase: string | null };
  /** Receivers of webhooks, and the secret that signs them. */
  readonly webhooks: { urls: readonly string[]; secret: string };
  readonly mail: MailConfig;
  /** Endpoint for traces; null: no traces. */
  readonly traces: { endpoint: string; ratio: number } | null;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Warnings to log at the start, with variable names and without values. */
  readonly warnings: readonly string[];
}

/** The environment is invalid; `mistakes` has one sentence per variable, without its value. */
export class ConfigError extends Error {
  readonly mistakes: readonly string[];
  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'));
    this.name = 'ConfigError';
    this.mistakes = mistakes;
  }
}

/**
 * Throws `ConfigError` with all mistakes at once. An empty variable counts as absent. `worker`
 * lists the bindings of a Worker; null on a machine. `autoThreads` is what HTTP_THREADS=auto means.
 */
export function parseConfig(
  env: Readonly<Record<string, string | undefined>>,
  worker: readonly string[] | null = null,
  autoThreads = 1,
): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = v.safeParse(environment, given);
  // A value that breaks its first rule breaks later ones too: keep one sentence per variable.
  const mistakes = new Map<string, string>();
  for (const issue of parsed.issues ?? []) {
    const name = v.getDotPath(issue)?.split('.')[0] ?? '';
    if (!mistakes.has(name)) mistakes.set(name, `${name} ${issue.message}`);
  }
  const named = (given.PAYMENT_PROVIDERS ?? '').split(',').map((name) => name.trim());
  for (const provider of named.filter(isProviderName)) {
    for (const name of credentials[provider]) {
      if (given[name] === undefined) {
        mistakes.set(name, `${name} is missing: PAYMENT_PROVIDERS names ${provider}`);
      }
    }
  }
  if (given.WEBHOOK_URLS !== undefined && given.WEBHOOK_SECRET === undefined)
    mistakes.set('WEBHOOK_SECRET', 'WEBHOOK_SECRET is missing: it signs the webhooks to WEBHOOK_URLS');
  for (const [name, mistake] of mailMistakes(given, worker))
    if (!mistakes.has(name)) mistakes.set(name, mistake);
  if (!parsed.success || mistakes.size > 0) throw new ConfigError([...mistakes.values()]);
  const values = parsed.output;
  return Object.freeze({
    databaseFile: values.DATABASE_FILE,
    backups: { folder: values.BACKUP_DIR ?? `${values.DATABASE_FILE}.backups`, keep: values.BACKUP_KEEP },
    host: values.HOST,
    port: values.PORT,
    publicUrl: values.PUBLIC_URL ?? null,
    corsOrigins: values.CORS_ORIGINS,
    readersMax: values.MAX_READ_CONNS,
    busyTimeoutMs: values.BUSY_TIMEOUT_MS,
    synchronous: values.SYNCHRONOUS,
    queueMax: values.WRITE_QUEUE_MAX,
    writeDeadlineMs: values.WRITE_DEADLINE_MS,
    batchMax: values.WRITE_BATCH_MAX,
    httpThreads: values.HTTP_THREADS === 'auto' ? autoThreads : values.HTTP_THREADS,
    isWarmUpOn: values.WARM_UP === 'on',
    isRateLimitOn: values.RATE_LIMIT === 'on',
    addressUnitsMax: values.ADDRESS_UNITS_MAX ?? null,
    trustedProxies: values.TRUSTED_PROXIES,
    holdSeconds: values.HOLD_SECONDS,
    adminToken: values.ADMIN_TOKEN ?? null,
    secretKey: values.SECRET_KEY,
    paymentProviders: values.PAYMENT_PROVIDERS,
    stripe: {
      secretKey: values.STRIPE_SECRET_KEY ?? '',
      webhookSecret: values.STRIPE_WEBHOOK_SECRET ?? '',
      apiBase: values.STRIPE_API_BASE ?? null,
    },
    payos: {
      clientId: values.PAYOS_CLIENT_ID ?? '',
      apiKey: values.PAYOS_API_KEY ?? '',
      checksumKey: values.PAYOS_CHECKSUM_KEY ?? '',
      apiBase: values.PAYOS_API_BASE ?? null,
    },
    webhooks: { urls: values.WEBHOOK_URLS, secret: values.WEBHOOK_SECRET ?? '' },
    mail: mailOf(values),
    traces:
      values.OTEL_EXPORTER_OTLP_ENDPOINT === undefined
        ? null
        : { endpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT, ratio: values.OTEL_TRACES_SAMPLER_ARG },
    logLevel: values.LOG_LEVEL,
    warnings: misspelt(Object.keys(given), Object.keys(variables.entries)),
  });
}
