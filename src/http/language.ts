/** The language that a buyer's browser asks for. */
import type { Context } from 'hono';
import { chooseLanguage, type Language } from '../pages/messages.ts';

export const languageOf = (c: Context): Language => chooseLanguage(c.req.header('accept-language'));
