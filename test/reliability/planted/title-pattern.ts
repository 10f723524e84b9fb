/** Decides whether a pattern can match the full name of a test that is read from its source. */
import { HOLE, type Titles } from './titles.ts';

/** One character of a pattern. */
interface Step {
  /** Its regular expression, with the quantifier. */
  source: string;
  /** Matches the character alone. */
  one: RegExp;
  mayBeAbsent: boolean;
  mayRepeat: boolean;
}

/** The alternatives of a pattern, those of its groups included. */
export function alternativesOf(pattern: string): string[] {
  const choices = pattern.match(/(?:\\.|\((?:\\.|[^()\\])*\)|[^|(\\])+/g) ?? [];
  if (choices.length > 1) return choices.flatMap(alternativesOf);
  const group = /\(\?:((?:\\.|[^()\\])*)\)/.exec(pattern);
  if (!group) return [pattern];
  const [{ length }, inner = ''] = group;
  const [before, after] = [pattern.slice(0, group.index), pattern.slice(group.index + length)];
  return alternativesOf(inner).flatMap((choice) => alternativesOf(`${before}${choice}${after}`));
}

function stepsOf(alternative: string): Step[] {
  const unread = alternative.replaceAll(/\\./g, '').match(/[()[\]{}^$]|^[*+?]|[*+?]{2}/);
  if (unread)
    throw new Error(`the pattern "${alternative}" has "${unread[0]}": write it with . * + ? | (?:…)`);
  return [...alternative.matchAll(/(\\.|.)([*+?]?)/g)].map(([source, one = '', quantifier = '']) => ({
    source,
    one: new RegExp(`^${one}$`),
    mayBeAbsent: quantifier === '*' || quantifier === '?',
    mayRepeat: quantifier === '*' || quantifier === '+',
  }));
}

/**
 * Whether the steps match a part of a name whose holes have unknown text. What a hole has to match
 * must occur in a source, so that a renamed row of a table is noticed.
 */
function matchesWithHoles(steps: readonly Step[], name: string, sources: readonly string[]): boolean {
  const filled = new Map<string, boolean>();
  const isInSource = (from: number, to: number): boolean => {
    const text = steps
      .slice(from, to)
      .map(({ source }) => source)
      .join('');
    const known = filled.get(text) ?? sources.some((source) => new RegExp(text).test(source));
    filled.set(text, known);
    return known;
  };
  const tried = new Map<string, boolean>();
  const matches = (step: number, at: number): boolean => {
    const key = `${step} ${at}`;
    const known = tried.get(key);
    if (known !== undefined) return known;
    tried.set(key, false);
    const result = matchesAnew(step, at);
    tried.set(key, result);
    return result;
  };
  const matchesAnew = (step: number, at: number): boolean => {
    const next = steps[step];
    if (!next) return true;
    if (next.mayBeAbsent && matches(step + 1, at)) return true;
    const character = name[at];
    if (character === undefined) return false;
    if (character === HOLE) {
      for (let to = step; to <= steps.length && isInSource(step, to); to += 1)
        if (matches(to, at + 1)) return true;
      return false;
    }
    if (!next.one.test(character)) return false;
    return matches(step + 1, at + 1) || (next.mayRepeat && matches(step, at + 1));
  };
  return Array.from({ length: name.length }, (_, at) => at).some((at) => matches(0, at));
}

/** The alternatives of a pattern that match no test. */
export function alternativesWithoutTest(pattern: string, { fullNames, sources }: Titles): string[] {
  return alternativesOf(pattern).filter((alternative) => {
    const whole = new RegExp(alternative);
    if (fullNames.some((name) => whole.test(name))) return false;
    const steps = stepsOf(alternative);
    return !fullNames.some((name) => name.includes(HOLE) && matchesWithHoles(steps, name, sources));
  });
}
