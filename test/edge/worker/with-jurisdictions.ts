/** A namespace with jurisdictions, as on the platform: EU objects are another class here. */
export function withJurisdictions<Objects extends Env['DROPS'] | Env['RELAYS']>(
  anywhere: Objects,
  eu: Objects,
  onHint: (hint: string) => void,
): Objects {
  const withHints = (objects: Objects): Objects =>
    new Proxy(objects, {
      get(target, name) {
        if (name === 'getByName') {
          return (shardId: string, options?: DurableObjectNamespaceGetDurableObjectOptions) => {
            if (options?.locationHint) onHint(`${shardId} ${options.locationHint}`);
            return target.getByName(shardId, options);
          };
        }
        if (name === 'jurisdiction') {
          return (jurisdiction: string) => {
            if (jurisdiction !== 'eu') throw new Error('There is no such jurisdiction.');
            return withHints(eu);
          };
        }
        const found: unknown = Reflect.get(target, name);
        return typeof found === 'function' ? found.bind(target) : found;
      },
    });
  return withHints(anywhere);
}
