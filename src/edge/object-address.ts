/** Addresses objects by shard id and relays by name; no other code names objects. */
import { type Jurisdiction, jurisdictionOf, type LocationHint } from '../domain/shard.ts';

/** The part of the platform's namespaces that is used here. */
interface Namespace<Stub> {
  jurisdiction(name: Jurisdiction): Namespace<Stub>;
  getByName(name: string, options?: { locationHint?: LocationHint }): Stub;
}

/**
 * Returns the object of a shard. The first call creates it; a location hint has no effect after
 * that. The same name in another jurisdiction is another object. A relay is in its drop's
 * jurisdiction, because its name begins with the drop's key.
 */
export function objectAt<Stub>(
  namespace: Namespace<Stub>,
  name: number | string,
  hint: LocationHint | null = null,
): Stub {
  const jurisdiction = jurisdictionOf(Number.parseInt(String(name), 10));
  const objects = jurisdiction === null ? namespace : namespace.jurisdiction(jurisdiction);
  return objects.getByName(String(name), hint === null ? {} : { locationHint: hint });
}
