/** A router that matches each literal path once. */
import type { Result, Router } from 'hono/router';
import { TrieRouter } from 'hono/router/trie-router';

/**
 * Hono's RegExpRouter rejects our routes, because they include both `/orders/find` and
 * `/orders/:id`, and its TrieRouter walks a tree for every request. A path that is registered
 * literally, such as `/purchase`, always matches the same routes: their list is kept, one for each
 * such path and method.
 */
export class RememberingRouter<T> implements Router<T> {
  readonly name = 'RememberingRouter';
  readonly #tree = new TrieRouter<T>();
  readonly #methods = new Set<string>();
  readonly #literalPaths = new Set<string>();
  /** By method, then by path. */
  readonly #known = new Map<string, Map<string, Result<T>>>();

  add(method: string, path: string, handler: T): void {
    this.#tree.add(method, path, handler);
    this.#methods.add(method);
    if (!/[*:]/.test(path)) this.#literalPaths.add(path);
    this.#known.clear();
  }

  match(method: string, path: string): Result<T> {
    const known = this.#known.get(method)?.get(path);
    if (known) return known;
    const result = this.#tree.match(method, path);
    if (this.#methods.has(method) && this.#literalPaths.has(path)) this.#keep(method, path, result);
    return result;
  }

  #keep(method: string, path: string, result: Result<T>): void {
    const ofMethod = this.#known.get(method) ?? new Map<string, Result<T>>();
    this.#known.set(method, ofMethod.set(path, result));
  }
}
