/** The settings of the application that are the same in a Worker and in an object. */
import packageJson from '../../package.json' with { type: 'json' };
import type { Config } from '../config/config.ts';
import { SHARDS_MAX } from '../domain/shard.ts';
import { tokenHash } from '../http/admin-auth.ts';
import type { Deps } from '../http/deps.ts';
import { pageFiles } from './page-files.ts';

export const appSettings = ({ adminToken, holdSeconds, corsOrigins }: Config) =>
  ({
    adminTokenHash: adminToken === null ? null : tokenHash(adminToken),
    holdSeconds,
    corsOrigins,
    shardsMax: SHARDS_MAX,
    otherMetrics: async () => [],
    processFamilies: () => [],
    pageFiles,
    version: packageJson.version,
    runtime: 'workerd',
    // Scoped tokens are rows of a machine; on Workers, only ADMIN_TOKEN identifies an operator.
    tokensCommand: null,
    isStopping: () => false,
  }) satisfies Partial<Deps>;
