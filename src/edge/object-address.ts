/** The one way to an object by its shard, or to a relay by its name: nothing else names objects. */
import { type Jurisdiction, jurisdictionOf, type LocationHint } from '../domain/shard.ts';

/** As the platform's namespaces are. */
interface Namespace<Stub> {
  jurisdiction(name: Jurisdiction): Namespace<Stub>;
  getByName(name: string, options?: { locationHint?: LocationHint }): Stub;
}

/**
 * The object of a shard, which exists from its first call on: a hint has no effect afterwards. The same name in another jurisdiction is
 * another object. A relay is where its drop is: its name begins with the drop's key.
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
