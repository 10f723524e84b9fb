/** Each mail variable with accepted and refused values, and the parts of every rule. */
import type { Config } from '../../../src/config/config.ts';

/**
 * Values that look valid in a shell or a file, and are not: blanks or a line break around them, and
 * invisible characters.
 */
export const unplain = (value: string): string[] => [
  ...[' ', '\t \t'.repeat(20), ` ${value}`, `${value} `, `${value}\n`, `${value}\r\n`, `\ufeff${value}`],
  `${value}\u0000`,
];

export interface Rule {
  key: keyof Config | null;
  /** Raw values, and their values in Config. */
  good: [string, unknown][];
  bad: string[];
}

export const mailRules: Record<string, Rule> = {
  MAIL_PROVIDER: { key: null, good: [], bad: ['sendgrid', 'SMTP', 'smtp,resend', ...unplain('resend')] },
  SMTP_URL: {
    key: null,
    good: [['smtps://user:p%40ss@mail.example?requireTLS=true', undefined]],
    bad: [
      ...[
        'mail.example',
        'http://mail.example',
        'smtp://user:a/b@mail.example',
        'smtp://user:50%@mail.example',
      ],
      ...['smtp://', 'smtp://?a=b', 'smtp://mail example', ...unplain('smtp://mail.example')],
    ],
  },
  MAIL_API_KEY: { key: null, good: [], bad: ['schlüssel', 're_1', ...unplain('re_1')] },
  MAIL_API_BASE: {
    key: null,
    good: [['http://127.0.0.1:4244', undefined]],
    bad: ['resend', 'http://127.0.0.1/v1'],
  },
  MAIL_FROM: {
    key: null,
    good: [
      ['shop@example.com', undefined],
      ['Shop <shop@example.com>', undefined],
      ["O'Brien’s Schuhe <o'brien@localhost>", undefined],
      ['"Shop, Inc." <shop@xn--bcher-kva.example>', undefined],
    ],
    bad: [
      ...[
        'shop',
        '@',
        'Shop <shop>',
        'Shop, Inc. <shop@example.com>',
        'a@example.com, b@example.com',
        'Shop <a@b.c> x',
      ],
      ...['Shop\r\nBcc: x@y.z <shop@example.com>', 'a b@example.com', '<>', ...unplain('shop@example.com')],
    ],
  },
  OPERATOR_EMAIL: {
    key: null,
    good: [
      ['op@example.com', undefined],
      ["o'brien@example.com", undefined],
      ['root@localhost', undefined],
      ['op@xn--bcher-kva.example', undefined],
    ],
    bad: [
      'op',
      'Op <op@example.com>',
      'o p@example.com',
      `${'o'.repeat(250)}@a.example`,
      ...unplain('op@example.com'),
    ],
  },
  HOLD_MAIL: {
    key: null,
    good: [
      ['on', undefined],
      ['off', undefined],
    ],
    bad: ['yes', 'ON'],
  },
};
