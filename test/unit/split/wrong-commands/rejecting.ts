/** Leaves an unhandled rejection, and never finishes its import. */
await Promise.all([Promise.reject(new Error('Not handled.')), new Promise(() => undefined)]);

export const commands = { wait: () => 1 };
