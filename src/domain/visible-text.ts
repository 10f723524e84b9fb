/** Tells what of a text can be seen. */

// Zero-width and format characters, fillers that fonts leave blank, and marks with nothing below them.
const invisible = /[\s\p{Default_Ignorable_Code_Point}\p{C}\p{Z}\p{M}\u2800\u{13441}\u{13442}\u{1d159}]/gu;

/** The number of UTF-16 units in a text that show something. */
export const visibleCharacters = (text: string): number => text.replaceAll(invisible, '').length;

/** Whether a text shows nothing: it is empty, blank, or made of characters without width. */
export const isBlank = (text: string): boolean => visibleCharacters(text) === 0;
