/** `dev` and `start`: run the server. */
import { Command } from 'commander';

const settings = (example: string): string => `
Settings are environment variables, or lines of a \`.env\` file in the working folder; .env.example lists all of them.

Example:
  $ ${example}`;

const serve = (isDevelopment: boolean) => async (): Promise<void> => {
  const { start } = await import('../runtime/start.ts');
  await start({ isDevelopment });
};

export const devCommand = (): Command =>
  new Command('dev')
    .description('run a server with a sample drop, sandbox payments and generated secrets')
    .addHelpText('after', settings('npm run stampede -- dev'))
    .action(serve(true));

export const startCommand = (): Command =>
  new Command('start')
    .description('run the server; SECRET_KEY and PAYMENT_PROVIDERS are required')
    .addHelpText('after', settings('npm run stampede -- start'))
    .action(serve(false));
