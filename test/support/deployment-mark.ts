/** The deployment mark of a test, and how its providers read it. */
export const mark = '0123456789abcdef'.repeat(2);
export const readMark = async (): Promise<string> => mark;
