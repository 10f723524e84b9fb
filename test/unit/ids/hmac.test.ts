/** HMAC-SHA-256 against the standard: the vectors of RFC 4231, and Node's own for any text. */
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createHmacSha256 } from '../../../src/ids/hmac.ts';

const hex = (text: string): Uint8Array => Buffer.from(text, 'hex');
const bytes = (byte: number, count: number): Uint8Array => Buffer.alloc(count, byte);

describe('HMAC-SHA-256', () => {
  // RFC 4231, test cases 1 and 2, whose data is text.
  test.each([
    [bytes(0x0b, 20), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    [
      Buffer.from('Jefe'),
      'what do ya want for nothing?',
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
  ])('has the values of the standard', (key, text, expected) => {
    expect(createHmacSha256(key)(text, 'hex')).toBe(expected);
  });

  test('equals Node’s result for short and long texts in sequence', () => {
    const key = hex('00112233445566778899aabbccddeeff');
    const hmac = createHmacSha256(key);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 2_000, size: 'max' }), (text) => {
        expect(hmac(text, 'hex')).toBe(createHmac('sha256', key).update(text).digest('hex'));
      }),
    );
    for (const length of [0, 341, 342, 1_023, 1_024, 1_025, 100_000]) {
      const text = 'ä'.repeat(length);
      expect(hmac(text, 'hex')).toBe(createHmac('sha256', key).update(text).digest('hex'));
    }
  });

  test('accepts a key of one block, and no longer one', () => {
    const key = bytes(0xaa, 64);
    expect(createHmacSha256(key)('text', 'hex')).toBe(createHmac('sha256', key).update('text').digest('hex'));
    expect(() => createHmacSha256(bytes(0xaa, 65))).toThrow(RangeError);
  });
});
