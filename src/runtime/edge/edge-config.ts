/** The configuration of a Worker: its variables and secrets, checked like the environment of a machine. */
import { type Config, ConfigError, parseConfig } from '../../config.ts';

/** Throws `ConfigError` with every mistake at once, and where something is asked for that no Worker can do. */
export function edgeConfig(env: object): Config {
  const strings = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
  const config = parseConfig(strings);
  if (config.mail.smtpUrl !== null) {
    throw new ConfigError(['SMTP_URL is not for Workers, which speak no SMTP: send mail from a webhook']);
  }
  return config;
}
