import { create } from 'zustand';

export interface Secret {
  readonly label: string;
  readonly value: string;
}

interface SecretStore {
  readonly byUser: ReadonlyMap<number, readonly Secret[]>;
}

/** Passwords that the server told once, until they are handed over: a look at another screen must not lose them. */
export const useSecrets = create<SecretStore>(() => ({ byUser: new Map() }));

export function keepSecrets(userId: number, secrets: readonly Secret[]): void {
  useSecrets.setState(({ byUser }) => ({ byUser: new Map(byUser).set(userId, secrets) }));
}

export function forgetSecrets(userId: number): void {
  useSecrets.setState(({ byUser }) => ({ byUser: new Map([...byUser].filter(([id]) => id !== userId)) }));
}
