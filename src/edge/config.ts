/** The configuration of a Worker: its variables and secrets, checked as on a machine. */
import { type Config, parseConfig } from '../config/config.ts';

/** Throws `ConfigError` with every mistake at once, including settings that no Worker supports. */
export function edgeConfig(env: object): Config {
  const strings = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
  const bindings = Object.keys(env).filter((name) => strings[name] === undefined);
  return parseConfig(strings, bindings);
}
