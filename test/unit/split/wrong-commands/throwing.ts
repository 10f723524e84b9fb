/** A commands module that is refused: it throws while it is imported. */
throw new Error('Not today.');
