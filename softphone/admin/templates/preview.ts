import { templateFieldNames } from '../../../server/contract/setup-message-words.ts';

export type TemplateField = (typeof templateFieldNames)[number];

/** A text with its fields filled in; what is no field stays as it is. */
export function previewOf(text: string, fill: (field: TemplateField) => string): string {
  return text.replace(/\{\{\s*([\w.]+)\s*\}\}/g, (whole, name: string) => {
    const field = templateFieldNames.find((one) => one === name);
    return field === undefined ? whole : fill(field);
  });
}

/** A text with a field put in over what is selected, and where the caret stands then. */
export function withField(
  text: string,
  field: TemplateField,
  { start, end }: { readonly start: number; readonly end: number },
): { readonly text: string; readonly caret: number } {
  const put = `{{${field}}}`;
  return { text: text.slice(0, start) + put + text.slice(end), caret: start + put.length };
}
