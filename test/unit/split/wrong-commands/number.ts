/** An invalid commands module: its export is not a function. */
export const commands = { buy: 1 };
