/** A commands module that is refused: it exports no commands. */
export const commands = {};
