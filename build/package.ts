/** `npm run build`: compiles the sources to dist/ with the files that they read at run time. */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, rmSync } from 'node:fs';
import packageJson from '../package.json' with { type: 'json' };

// A renamed file must not stay in the package under its old name.
rmSync('dist', { recursive: true, force: true });
execFileSync('tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' });
cpSync('drizzle/migrations', 'dist/drizzle/migrations', { recursive: true });
cpSync('src/pages/assets', 'dist/src/pages/assets', { recursive: true });
for (const program of Object.values(packageJson.bin)) chmodSync(program, 0o755);
