/** Parses the command line of a load run. */
import { parseArgs } from 'node:util';
import type { RuntimeName } from '../rounds/server.ts';
import { type Profile, profiles } from './profiles.ts';

export interface LoadOptions {
  profile: Profile;
  runtime: RuntimeName;
  /** Added to the server's environment. */
  env: Record<string, string>;
  /** File for the figures as JSON. */
  jsonFile?: string;
  /** File for the report with plots. */
  htmlFile?: string;
}

export const usage = `usage: npm run bench:load -- [options]
  --profile NAME      of these (seed); the options below change it
${Object.values(profiles)
  .map(({ name, about }) => `      ${name.padEnd(12)}${about}\n`)
  .join('')}  --rate N            arrivals a second
  --seconds N         length of the run
  --read-share N      part of the arrivals that read, 0..1
  --connections N     connections opened before the run
  --runtime NAME      of the server: node, bun (node)
  --env NAME=VALUE    a setting of the server, such as HTTP_THREADS=2; as often as needed
  --json FILE         write the figures there, too
  --html FILE         write a report with plots there, too
`;

/**
 * Parses the arguments. Throws an Error with a sentence for the user on an invalid command line.
 */
export function parseOptions(args: readonly string[]): LoadOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      profile: { type: 'string', default: 'seed' },
      rate: { type: 'string' },
      seconds: { type: 'string' },
      'read-share': { type: 'string' },
      connections: { type: 'string' },
      runtime: { type: 'string', default: 'node' },
      env: { type: 'string', multiple: true, default: [] },
      json: { type: 'string' },
      html: { type: 'string' },
    },
  });
  const profile = profiles[values.profile];
  if (profile === undefined) throw new Error(`There is no profile ${values.profile}.`);
  const { runtime } = values;
  if (runtime !== 'node' && runtime !== 'bun') throw new Error(`--runtime is node or bun, not ${runtime}.`);
  return {
    profile: {
      ...profile,
      ratePerSecond: numberOf('--rate', values.rate, profile.ratePerSecond, 1, 1_000_000),
      seconds: numberOf('--seconds', values.seconds, profile.seconds, 1, 3_600),
      readShare: numberOf('--read-share', values['read-share'], profile.readShare, 0, 1),
      connections: numberOf(
        '--connections',
        values.connections,
        profile.connections,
        1,
        profile.connectionsMax,
      ),
    },
    runtime,
    env: Object.fromEntries(values.env.map(settingOf)),
    ...(values.json !== undefined && { jsonFile: values.json }),
    ...(values.html !== undefined && { htmlFile: values.html }),
  };
}

function settingOf(text: string): [name: string, value: string] {
  const at = text.indexOf('=');
  if (at < 1) throw new Error(`--env is NAME=VALUE, not ${text}.`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function numberOf(name: string, text: string | undefined, preset: number, min: number, max: number): number {
  if (text === undefined) return preset;
  const value = Number(text);
  if (text.trim() === '' || !(value >= min && value <= max)) {
    throw new Error(`${name} is a number from ${min} to ${max}, not ${text}.`);
  }
  return value;
}
