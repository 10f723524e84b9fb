/** The parts of the operator's forms: fields with their mistakes beside them, and buttons that change something. */
import { html } from 'hono/html';
import { REFUND_NOTE_CHARACTERS_MAX } from '../../limits.ts';
import type { Html } from '../document.ts';
import type { Attempt, Viewer } from './views.ts';

/** What a form shows: what was typed where it was refused, else what is. */
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

/** The key of one write, so that a form that is sent twice takes effect once. A refused form keeps its own. */
export const keyField = (state: FormState | null = null): Html =>
  html`<input type="hidden" name="key" value="${state?.value('key') || crypto.randomUUID()}">`;

export interface Field {
  name: string;
  label: string;
  type?: 'text' | 'number' | 'email' | 'datetime-local' | 'area';
  hint?: string;
  /** Attributes without a value. */
  isRequired?: boolean;
  /** In a row of a table, whose head says what it is. */
  isBare?: boolean;
  min?: number;
  maxLength?: number;
  placeholder?: string;
  inputmode?: 'decimal' | 'numeric';
  /** `off` where a browser must not offer what was typed before. */
  autocomplete?: 'off';
}

/** A mistake is tied to its field, so that who listens hears it there. */
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
  /** What it says where nothing is chosen. */
  none: string;
  options: readonly (readonly [value: string, text: string])[];
}

/** One of several values, or none. */
export function choiceField(state: FormState, { name, label, hint, none, options }: Choice): Html {
  const error = state.error(name);
  const chosen = state.value(name);
  const option = (value: string, text: string): Html =>
    html`<option value="${value}"${value === chosen ? html` selected` : ''}>${text}</option>`;
  return html`<div class="field"><label for="${name}">${label}</label>
<select id="${name}" name="${name}"${error ? html` aria-invalid="true"` : ''} aria-describedby="${error ? `wrong-${name} ` : ''}hint-${name}">${option('', none)}${options.map(([value, text]) => option(value, text))}</select>
${error ? html`<p class="wrong" id="wrong-${name}">${error}</p>` : ''}<p class="hint" id="hint-${name}">${hint}</p></div>`;
}

/** The name of the form that settles a refund, among the forms of its page. */
export const settleFormOf = (refundId: string): string => `settle ${refundId}`;

/** For a refund that failed and was made by hand. `action` is an address of the page that shows it. */
export function settleForm(viewer: Viewer, refundId: string, action: string, attempt: Attempt | null): Html {
  const state = formState(settleFormOf(refundId), {}, attempt);
  const note = field(
    state,
    {
      name: 'note',
      label: 'How the money went back',
      isRequired: true,
      autocomplete: 'off',
      maxLength: REFUND_NOTE_CHARACTERS_MAX,
    },
    `${refundId}-`,
  );
  return html`<form method="post" action="${action}">${csrfField(viewer)}${keyField(state)}${note}<button>Settle by hand</button></form>`;
}

/** A form of one button. */
export const actionButton = (viewer: Viewer, action: string, name: string, kind = ''): Html =>
  html`<form method="post" action="${action}">${csrfField(viewer)}${keyField()}<button class="${kind}">${name}</button></form>`;
