/** Leaves a rejection that nothing handles, and is never done with its import. */
await Promise.all([Promise.reject(new Error('Not handled.')), new Promise(() => undefined)]);

export const commands = { wait: () => 1 };
