/** An invalid commands module: it exports no commands. */
export const commands = {};
