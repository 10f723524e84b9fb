/** The language that the buyer's browser requests. */
import type { Context } from 'hono';
import { chooseLanguage, type Language } from '../pages/messages.ts';

export const languageOf = (c: Context): Language => chooseLanguage(c.req.header('accept-language'));
