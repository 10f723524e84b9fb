/** An invalid commands module: one of its commands is async. */
export const commands = { wait: async () => undefined };
