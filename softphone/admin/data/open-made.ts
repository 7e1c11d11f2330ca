/** Opens what a form has just made; whoever went elsewhere while it was being saved is let be. */
export function openMade(navigate: (path: string) => void, form: string, made: string): void {
  if (globalThis.location.pathname === form) navigate(made);
}
