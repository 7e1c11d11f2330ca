/** What an operation is given, without its types. */
export interface LooseInput {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly querystring?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
}

/** Path of an operation with its parameters and query filled in. */
export function operationPath(path: string, input: LooseInput): string {
  const filled = path.replace(/:(\w+)/g, (_whole, name: string) => encodeURIComponent(String(input.params?.[name])));
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input.querystring ?? {})) {
    if (value !== undefined) query.set(name, String(value));
  }
  const text = query.toString();
  return text === '' ? filled : `${filled}?${text}`;
}
