import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

/** A field's fault in the form of the web framework's own validators. */
interface FieldFault {
  readonly keyword: string;
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly params: Record<string, unknown>;
  readonly message: string;
}
type Validator = ReturnType<typeof Compile>;
type SchemaError = ReturnType<Validator['Errors']>[number];

const maxFaults = 20;

/**
 * Compiles a schema of the contract. Bodies are taken as they are; parameters and query strings are text, so numbers
 * and yes or no are read from it, and absent fields get the schema's defaults.
 */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const validator = Compile(schema);
  return (given: unknown) => {
    const value = httpPart === 'body' ? given : validator.Default(fromText(schema, given as TextFields));
    if (validator.Check(value)) return { value };
    return { error: validator.Errors(value).flatMap(toFaults).slice(0, maxFaults) };
  };
};

type TextFields = Readonly<Record<string, unknown>>;

/** Only what is written as the type is taken for it: `1.5` is no integer and must not become one. */
function fromText(schema: TSchema, fields: TextFields): Record<string, unknown> {
  const { properties = {} } = schema as { properties?: Record<string, { type?: unknown }> };
  return Object.fromEntries(
    Object.entries(fields).map(([name, text]) => [
      name,
      readText(text, Object.hasOwn(properties, name) ? properties[name]?.type : undefined),
    ]),
  );
}

function readText(text: unknown, type: unknown): unknown {
  if (typeof text !== 'string') return text;
  if (type === 'integer' || type === 'number') return /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : text;
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  return text;
}

/** A missing or unknown field is reported at its own path, so that a form can mark it. */
function toFaults({ keyword, instancePath, schemaPath, message, params }: SchemaError): FieldFault[] {
  const fault = (path: string, text: string): FieldFault => ({
    keyword,
    instancePath: path,
    schemaPath,
    params: {},
    message: text,
  });
  const { requiredProperties } = params as { requiredProperties?: string[] };
  if (requiredProperties !== undefined) {
    return requiredProperties.map((name) => fault(`${instancePath}/${name}`, 'must be given'));
  }
  if (keyword === 'additionalProperties') return [];
  return [fault(instancePath, keyword === 'boolean' ? 'is not known here' : message)];
}
