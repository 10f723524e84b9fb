/** Finds the visible part of a text, and removes characters that disguise it. */

// Zero-width and format characters, fillers that fonts leave blank, and marks with nothing below
// them.
const invisible = /[\s\p{Default_Ignorable_Code_Point}\p{C}\p{Z}\p{M}\u2800\u{13441}\u{13442}\u{1d159}]/gu;

/** The number of visible UTF-16 units in a text. */
export const visibleCharacters = (text: string): number => text.replaceAll(invisible, '').length;

/** Whether a text shows nothing: it is empty, blank, or has only zero-width characters. */
export const isBlank = (text: string): boolean => visibleCharacters(text) === 0;

// Direction controls; zero-width characters; and tags, which only emoji flags need.
const disguises =
  /\u034f|[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0001}]|(?<!\u{1f3f4}[\u{e0020}-\u{e007e}]*)[\u{e0020}-\u{e007f}]/gu;
// Joiners stay after an emoji, or a letter of a script that needs them; elsewhere they only hide a
// difference.
const joinersWithoutUse =
  /(?<!(?:(?![\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}\p{sc=Armenian}\p{sc=Georgian}\p{sc=Hebrew}\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}])\p{L}|[\p{Extended_Pictographic}\p{Emoji_Modifier}])\p{M}*)[\u200c\u200d]/gu;
const moreJoiners = /(?<=[\u200c\u200d])[\u200c\u200d]+/g;

/** The same text without direction controls and invisible characters. Idempotent. */
export const undisguised = (text: string): string =>
  text.replaceAll(disguises, '').replaceAll(moreJoiners, '').replaceAll(joinersWithoutUse, '');

// Printable ASCII without spaces at its ends: normalizing, cleaning and trimming change nothing.
const plainLine = /^[!-~](?:[ -~]*[!-~])?$/;
const plainLines = /^[!-~](?:[\n -~]*[!-~])?$/;

/** True: the text is one line and is stored unchanged. False: unknown. */
export const isPlainLine = (text: string): boolean => plainLine.test(text);

/** Like `isPlainLine`, for text that may contain line breaks. */
export const isPlainText = (text: string): boolean => plainLines.test(text);
