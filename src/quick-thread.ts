/** Where every thread begins on Node: quick imports first, and then what it is for. */
import './quick-imports.ts';

// The last argument: options of the process come before it.
await import(process.argv.at(-1) ?? '');
