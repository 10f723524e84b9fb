/** Settings of drizzle-kit, which writes the one migration history from the schema. */
import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'sqlite',
  schema: [
    './drizzle/schema.ts',
    './drizzle/log.ts',
    './drizzle/operators.ts',
    './drizzle/deployment.ts',
    './drizzle/catalogue.ts',
  ],
  out: './drizzle/migrations',
});
