/** Reads a form of the storefront. */
import type { Context } from 'hono';
import { isBlank } from '../domain/visible-text.ts';
import type { Deps } from './deps.ts';
import { isForm, readText } from './json.ts';
import { refuseForeignForm } from './own-form.ts';
import { problem } from './problem.ts';

/**
 * The fields, trimmed; empty if a field shows nothing. A Response is the refusal to send instead.
 */
export async function readShopForm(
  c: Context,
  deps: Pick<Deps, 'publicUrl'>,
): Promise<((name: string) => string) | Response> {
  const foreign = refuseForeignForm(c, deps);
  if (foreign) return foreign;
  if (!isForm(c.req.header('content-type'))) return problem('unsupported_media_type');
  const text = await readText(c.req.raw);
  if (text instanceof Response) return text;
  const form = new URLSearchParams(text);
  return (name) => {
    const typed = form.get(name)?.trim() ?? '';
    return isBlank(typed) ? '' : typed;
  };
}
