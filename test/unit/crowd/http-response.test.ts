/** The load generator's response reader: whole, split and wrong responses. */
import { describe, expect, test } from 'vitest';
import { ProtocolError, ResponseReader } from '../../../src/crowd/http-response.ts';

const body = '{"order":{"id":"ord_1"},"name":"Grüße"}';
const whole = Buffer.from(
  `HTTP/1.1 201 Created\r\nContent-Type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
    `Idempotency-Replayed: true\r\n\r\n${body}`,
);
const expected = { status: 201, body };
const raw = (...lines: string[]): Buffer => Buffer.from(lines.join('\r\n'));

describe('ResponseReader', () => {
  test('reads a whole response', () => {
    const response = new ResponseReader().read(whole);
    expect(response).toMatchObject(expected);
    expect(response?.head).toContain('\r\nIdempotency-Replayed: true');
  });

  test('reads a response cut at any byte, into a buffer that is reused', () => {
    const buffer = Buffer.alloc(whole.length);
    const receive = (reader: ResponseReader, from: number, to: number) => {
      whole.copy(buffer, 0, from, to);
      return reader.read(buffer.subarray(0, to - from));
    };
    for (let cut = 1; cut < whole.length; cut++) {
      const reader = new ResponseReader();
      expect(receive(reader, 0, cut)).toBeUndefined();
      expect(receive(reader, cut, whole.length)).toMatchObject(expected);
    }
  });

  test('reads a response byte by byte, and another after it', () => {
    const reader = new ResponseReader();
    for (let round = 0; round < 2; round++) {
      const answers = Array.from(whole, (_, index) => reader.read(whole.subarray(index, index + 1)));
      expect(answers.pop()).toMatchObject(expected);
      expect(answers.every((answer) => answer === undefined)).toBe(true);
    }
  });

  test('reads an empty body', () => {
    expect(new ResponseReader().read(raw('HTTP/1.1 503 Busy', 'Content-Length: 0', '', ''))).toMatchObject({
      status: 503,
      body: '',
    });
  });

  test.each([
    ['a chunked body', raw('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', '0', '', '')],
    [
      'a chunked body that also states a length',
      raw('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', 'Content-Length: 5', '', '0', '', ''),
    ],
    ['a body without length', raw('HTTP/1.1 200 OK', 'Content-Type: text/plain', '', 'x')],
    ['bytes after the body', raw('HTTP/1.1 200 OK', 'Content-Length: 1', '', 'xy')],
    ['an interim response', raw('HTTP/1.1 100 Continue', '', '')],
    ['another protocol', raw('HTTP/1.0 200 OK', 'Content-Length: 0', '', '')],
    ['a length that is not a number', raw('HTTP/1.1 200 OK', 'Content-Length: ten', '', '')],
  ])('refuses %s', (_, bytes) => {
    expect(() => new ResponseReader().read(bytes)).toThrow(ProtocolError);
  });
});
