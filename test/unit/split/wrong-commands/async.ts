/** A commands module that is refused: a command of it is async. */
export const commands = { wait: async () => undefined };
