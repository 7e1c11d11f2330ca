/**
 * Joins the lines of a format=flowed text (RFC 3676 section 4.2): a line that ends in a blank goes on in the next one of the same
 * quote depth. With `delSp` the blank is not the writer's (section 4.5), as in languages without spaces.
 */
export function joinFlowed(text: string, delSp: boolean): string {
  const out: string[] = [];
  let open: string[] = [];
  let openDepth = 0;
  const prefix = (depth: number) => (depth > 0 ? `${'>'.repeat(depth)} ` : '');
  function close(): void {
    if (open.length > 0) out.push(prefix(openDepth) + open.join(''));
    open = [];
  }
  for (const line of text.split('\n')) {
    let depth = 0;
    while (line.charAt(depth) === '>') depth++;
    // section 4.4: a blank in front is stuffed
    const content = line.charAt(depth) === ' ' ? line.slice(depth + 1) : line.slice(depth);
    if (depth !== openDepth) close();
    if (content === '-- ') {
      close();
      out.push(prefix(depth) + content);
      continue;
    }
    const flows = content.endsWith(' ');
    open.push(flows && delSp ? content.slice(0, -1) : content);
    openDepth = depth;
    if (!flows) close();
  }
  close();
  return out.join('\n');
}
