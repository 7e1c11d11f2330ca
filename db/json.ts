/** `\\u0000` and halves of surrogate pairs as `JSON.stringify` writes them, after an even number of backslashes. */
const unstorable = /(?<!\\)((?:\\\\)*)\\u(0000|d[89a-f][0-9a-f]{2})/g;

/**
 * JSON that the database can keep: PostgreSQL knows no NUL in text, and no half of a surrogate pair
 * (https://www.postgresql.org/docs/current/datatype-json.html). The one is left out, the other becomes U+FFFD.
 */
export const storableJson = (value: unknown): string =>
  JSON.stringify(value).replace(unstorable, (_, slashes: string, code: string) =>
    code === '0000' ? slashes : `${slashes}\ufffd`,
  );
