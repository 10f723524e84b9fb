/** Parts of the operator forms: fields with their errors, and action buttons. */
import { html } from 'hono/html';
import { REFUND_NOTE_CHARACTERS_MAX } from '../../limits.ts';
import type { Html } from '../document.ts';
import type { Attempt, Viewer } from './views.ts';

/** Values that a form shows: the rejected input if there is one, else the current values. */
export interface FormState {
  value(name: string): string;
  error(name: string): string | undefined;
}

export function formState(
  form: string,
  known: Readonly<Record<string, string>>,
  attempt: Attempt | null,
): FormState {
  const own = attempt?.form === form ? attempt : null;
  return {
    value: (name) => own?.values[name] ?? known[name] ?? '',
    error: (name) => own?.refusal.errors.find(({ path }) => path === name)?.message,
  };
}

export const csrfField = ({ csrf }: Viewer): Html => html`<input type="hidden" name="csrf" value="${csrf}">`;

/** Idempotency key of a form: submitting twice takes effect once. A rejected form keeps it. */
export const keyField = (state: FormState | null = null): Html =>
  html`<input type="hidden" name="key" value="${state?.value('key') || crypto.randomUUID()}">`;

export interface Field {
  name: string;
  label: string;
  type?: 'text' | 'number' | 'email' | 'datetime-local' | 'area';
  hint?: string;
  isRequired?: boolean;
  /** In a table row, whose column head is the visible label. */
  isBare?: boolean;
  min?: number;
  maxLength?: number;
  placeholder?: string;
  inputmode?: 'decimal' | 'numeric';
  /** `off` stops the browser from offering earlier input. */
  autocomplete?: 'off';
}

/** Ties each error to its field, so that screen readers announce it there. */
export function field(state: FormState, one: Field, prefix = ''): Html {
  const { name, label, type = 'text', hint } = one;
  const id = `${prefix}${name}`;
  const error = state.error(name);
  const described = [error && `wrong-${id}`, hint && `hint-${id}`].filter(Boolean).join(' ');
  const attributes = html`id="${id}" name="${name}"${one.isRequired ? html` required` : ''}${error ? html` aria-invalid="true"` : ''}${described === '' ? '' : html` aria-describedby="${described}"`}${one.isBare ? html` aria-label="${label}"` : ''}${one.placeholder === undefined ? '' : html` placeholder="${one.placeholder}"`}${one.autocomplete === undefined ? '' : html` autocomplete="${one.autocomplete}"`}${one.maxLength === undefined ? '' : html` maxlength="${one.maxLength}"`}`;
  const input =
    type === 'area'
      ? html`<textarea ${attributes} rows="4">
${state.value(name)}</textarea>`
      : html`<input ${attributes} type="${type}" value="${state.value(name)}"${one.min === undefined ? '' : html` min="${one.min}"`}${type === 'datetime-local' ? html` step="1"` : ''}${one.inputmode === undefined ? '' : html` inputmode="${one.inputmode}"`}>`;
  return html`<div class="field">${one.isBare ? '' : html`<label for="${id}">${label}</label>`}
${input}
${error ? html`<p class="wrong" id="wrong-${id}">${error}</p>` : ''}${hint ? html`<p class="hint" id="hint-${id}">${hint}</p>` : ''}</div>`;
}

export interface Choice {
  name: string;
  label: string;
  hint: string;
  /** Text of the empty choice. */
  none: string;
  options: readonly (readonly [value: string, text: string])[];
}

/** A select field that may stay empty. */
export function choiceField(state: FormState, { name, label, hint, none, options }: Choice): Html {
  const error = state.error(name);
  const chosen = state.value(name);
  const option = (value: string, text: string): Html =>
    html`<option value="${value}"${value === chosen ? html` selected` : ''}>${text}</option>`;
  return html`<div class="field"><label for="${name}">${label}</label>
<select id="${name}" name="${name}"${error ? html` aria-invalid="true"` : ''} aria-describedby="${error ? `wrong-${name} ` : ''}hint-${name}">${option('', none)}${options.map(([value, text]) => option(value, text))}</select>
${error ? html`<p class="wrong" id="wrong-${name}">${error}</p>` : ''}<p class="hint" id="hint-${name}">${hint}</p></div>`;
}

/** Names the form that settles a refund, because a page can have several. */
export const settleFormOf = (refundId: string): string => `settle ${refundId}`;

/** The form for a failed refund that was paid back by hand. `action` is a path of its page. */
export function settleForm(viewer: Viewer, refundId: string, action: string, attempt: Attempt | null): Html {
  const state = formState(settleFormOf(refundId), {}, attempt);
  const note = field(
    state,
    {
      name: 'note',
      label: 'How the money was returned',
      isRequired: true,
      autocomplete: 'off',
      maxLength: REFUND_NOTE_CHARACTERS_MAX,
    },
    `${refundId}-`,
  );
  return html`<form method="post" action="${action}">${csrfField(viewer)}${keyField(state)}${note}<button>Settle by hand</button></form>`;
}

/** A form with a single button. */
export const actionButton = (viewer: Viewer, action: string, name: string, kind = ''): Html =>
  html`<form method="post" action="${action}">${csrfField(viewer)}${keyField()}<button class="${kind}">${name}</button></form>`;
