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

const maxFaults = 20;

/**
 * Compiles a schema of the contract. Bodies are taken as they are; parameters and query strings are text, so they are
 * converted to the schema's types and get its defaults.
 */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const validator = Compile(schema);
  return (given: unknown) => {
    const value = httpPart === 'body' ? given : validator.Convert(validator.Default({ ...(given as object) }));
    if (validator.Check(value)) return { value };
    return { error: validator.Errors(value).slice(0, maxFaults).map(toFault) };
  };
};

function toFault(error: ReturnType<ReturnType<typeof Compile>['Errors']>[number]): FieldFault {
  const { keyword, instancePath, schemaPath, message } = error;
  const params = { ...error.params };
  return { keyword, instancePath, schemaPath, params, message: `${message}${namedFields(params)}` };
}

/** A missing or unknown field has no path of its own: its name stands in the parameters. */
function namedFields(params: Readonly<Record<string, unknown>>): string {
  const names = params['requiredProperties'] ?? params['additionalProperties'];
  return Array.isArray(names) ? ` (${names.slice(0, maxFaults).join(', ').slice(0, 200)})` : '';
}
