/** Characters removed from texts that other people read, and those that scripts and emoji need. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mailContent } from '../../../src/background/mail-templates.ts';
import type { OutboundEvent } from '../../../src/background/outbound-event.ts';
import { plain } from '../../../src/cli/output.ts';
import { isBlank, isPlainLine, isPlainText, undisguised } from '../../../src/domain/visible-text.ts';

const shown = (text: string): string =>
  text.replaceAll(/[^ -~]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);

test.each(
  ['👩‍👩‍👧‍👦', '👩🏽‍🚒', '❤️‍🔥', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '1️⃣', 'क्‍ष', 'می‌خواهم', 'ශ්‍රී', 'מלון', 'Zoë', '日本', 'Việt'].map(
    (text) => [shown(text), text],
  ),
)('keeps %s', (_, text) => expect(undisguised(text)).toBe(text));

test.each(
  [
    ['\u202egnp.exe', 'gnp.exe'],
    ['a\u2066b\u2069c\u200ed\u061c', 'abcd'],
    ['pay\u200dpal', 'paypal'],
    ['pay\u0301\u200c\u200dpal', 'pay\u0301pal'],
    ['\u043f\u200c\u0430', '\u043f\u0430'],
    ['1\u200d2 \u200c!', '12 !'],
    ['\u200dx', 'x'],
    ['zero\u200bwidth\u2060\ufeff\u00ad\u180e\u034f', 'zerowidth'],
    ['a\u{e0061}\u{e007f}b', 'ab'],
    ['می\u200c\u200c\u200dخواهم', 'می\u200cخواهم'],
    ['a\u200b\u200cb', 'ab'],
  ].map(([text = '', kept = '']) => [shown(text), text, kept]),
)('removes the invisible characters of %s', (_, text, kept) => expect(undisguised(text)).toBe(kept));

test('cleaning is idempotent, also in the stored composed form', () => {
  const character = fc.oneof(
    fc.constantFrom('\u200c', '\u200d', '\u200b', '\u202e', '\u034f', '\u0301', '\ufe0f', '\u{e0061}'),
    fc.constantFrom('a', 'e', '1', ' ', 'ک', 'क', '्', '👩', '🏴', '가', 'ᄀ', 'ᅡ', 'é'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  );
  const clean = (text: string): string => undisguised(text.normalize('NFC')).normalize('NFC');
  fc.assert(
    fc.property(fc.array(character, { maxLength: 12 }), (characters) => {
      const once = clean(characters.join(''));
      expect(clean(once)).toBe(once);
    }),
    { numRuns: 5_000 },
  );
});

test('an older name is cleaned for e-mails', () => {
  const drop = { slug: 'spring', title: 'Spring \u202eelas\u200b', items: [], currency: 'EUR' };
  const event = { type: 'drop.sold_out', drop, order: null } as unknown as OutboundEvent;
  const mail = mailContent(event, { number: '', pay: '', order: '', refunds: '' });
  expect(mail.subject).toBe('Sold out: Spring elas');
  expect(`${mail.text}${mail.html}`).not.toMatch(/[\u202e\u200b]/);
});

test('an older name is cleaned for the terminal', () => {
  expect(plain('Ann \u202e\u001b[31m\u200bB')).toBe('Ann  [31mB');
});

test('plain text is text that cleaning leaves unchanged', () => {
  const ascii = fc.string({
    unit: fc.integer({ min: 0, max: 0x80 }).map((code) => String.fromCharCode(code)),
  });
  const property = fc.property(fc.oneof(ascii, fc.string(), fc.string({ unit: 'grapheme' })), (text) => {
    if (isPlainLine(text)) expect(isPlainText(text)).toBe(true);
    if (!isPlainText(text)) return;
    expect(isBlank(text)).toBe(false);
    expect(undisguised(text.normalize('NFC')).normalize('NFC').trim()).toBe(text);
  });
  fc.assert(property, { numRuns: 2_000, examples: [['a'], ['a b'], ['a\nb'], ['a '], ['\na'], ['a\n']] });
  expect(['a b', 'a\nb', ' a', 'a ', '', '\n', 'a\tb'].map(isPlainText)).toEqual([
    ...[true, true],
    ...[false, false, false, false, false],
  ]);
  expect(isPlainLine('a\nb')).toBe(false);
});
