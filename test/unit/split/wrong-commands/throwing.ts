/** An invalid commands module: it throws during its import. */
throw new Error('Not today.');
