/**
 * Development only: creates missing secrets on the first run, and stores them next to the database.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as v from 'valibot';

const secrets = v.object({ SECRET_KEY: v.string(), ADMIN_TOKEN: v.string() });
export type DevSecrets = v.InferOutput<typeof secrets>;

/** Reads the file, or creates it once: ids in the database depend on its secrets. */
export function loadDevSecrets(file: string): DevSecrets {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    const made = {
      SECRET_KEY: randomBytes(32).toString('hex'),
      ADMIN_TOKEN: randomBytes(24).toString('base64url'),
    };
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    return made;
  }
  return v.parse(secrets, JSON.parse(text));
}
