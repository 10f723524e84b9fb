/** Builds an example of a JSON Schema from the examples of its parts. */
import type { JsonSchema } from '@valibot/to-json-schema';

const named = '#/components/schemas/';

/** `components` holds the schemas that references name. */
export function exampleOf(schema: JsonSchema, components: Readonly<Record<string, JsonSchema>>): unknown {
  const part = (of: JsonSchema): unknown => exampleOf(of, components);
  if (schema.$ref) return part(components[schema.$ref.slice(named.length)] ?? {});
  if (schema.examples) return schema.examples[0];
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  // Nullable values show their non-null form.
  if (schema.anyOf) return part((schema.anyOf as JsonSchema[])[0] ?? {});
  if (schema.type === 'object') {
    return Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([name, of]) => [name, part(of as JsonSchema)]),
    );
  }
  if (schema.type === 'array') return [part((schema.items ?? {}) as JsonSchema)];
  if (schema.type === 'integer' || schema.type === 'number') return schema.minimum ?? 0;
  if (schema.type === 'boolean') return true;
  if (schema.format === 'date-time') return '2027-01-31T18:00:00.000Z';
  return schema.format === 'uri' ? 'https://shop.example/pay/ord_9tY0dXJsIDIyIGNoYXJzIQ' : 'text';
}
