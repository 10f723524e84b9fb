/** A commands module that is refused: what it exports is no function. */
export const commands = { buy: 1 };
