/** The migrations of drizzle/, bundled with the Worker for Drizzle's migrator. */

import spine from '../../../drizzle/migrations/0000_spine.sql';
import appendOnly from '../../../drizzle/migrations/0001_append_only.sql';
import moneyAndOperators from '../../../drizzle/migrations/0002_money_and_operators.sql';
import outsideMoney from '../../../drizzle/migrations/0003_outside_money.sql';
import failedReferences from '../../../drizzle/migrations/0004_failed_references.sql';
import refundSeries from '../../../drizzle/migrations/0005_refund_series.sql';
import deploymentMark from '../../../drizzle/migrations/0006_deployment_mark.sql';
import refundKeyShardId from '../../../drizzle/migrations/0007_refund_key_place.sql';
import deferredDeliveries from '../../../drizzle/migrations/0008_late_deliveries.sql';
import recentMails from '../../../drizzle/migrations/0009_recent_letters.sql';
import movedDrops from '../../../drizzle/migrations/0010_moved_drops.sql';
import linkRequests from '../../../drizzle/migrations/0011_link_requests.sql';
import generations from '../../../drizzle/migrations/0012_generations.sql';
import operatorKeys from '../../../drizzle/migrations/0013_operator_keys.sql';
import customerShards from '../../../drizzle/migrations/0014_customer_places.sql';
import shardNames from '../../../drizzle/migrations/0015_shard_names.sql';
import severalItems from '../../../drizzle/migrations/0016_several_items.sql';
import journal from '../../../drizzle/migrations/meta/_journal.json' with { type: 'json' };

/** Keyed as the migrator expects: `m` and the entry's number. */
export const migrations = {
  journal,
  migrations: {
    m0000: spine,
    m0001: appendOnly,
    m0002: moneyAndOperators,
    m0003: outsideMoney,
    m0004: failedReferences,
    m0005: refundSeries,
    m0006: deploymentMark,
    m0007: refundKeyShardId,
    m0008: deferredDeliveries,
    m0009: recentMails,
    m0010: movedDrops,
    m0011: linkRequests,
    m0012: generations,
    m0013: operatorKeys,
    m0014: customerShards,
    m0015: shardNames,
    m0016: severalItems,
  },
};
