import type { Executor } from '../../db/client.ts';
import type { SignedInUser } from '../access/route.ts';
import type { SetupKind } from '../contract/setup-words.ts';
import type { Usage } from './problems.ts';

/** A thing as it is stored, without its secrets. */
export interface Stored<Data> {
  readonly id: number;
  readonly version: number;
  readonly data: Data;
}

export interface Checked<Data> {
  readonly tx: Executor;
  /** Who changes it. */
  readonly user: SignedInUser;
  /** null: a new one. */
  readonly before: Stored<Data> | null;
}

/**
 * One kind of thing that people set up. `Data` is plain JSON: what versions keep, what an edit changes and what a
 * roll-back writes again; so every kind has the same four verbs and no path around its checks.
 */
export interface Subject<Data extends object = object> {
  readonly kind: SetupKind;
  nameOf(data: Data): string;
  read(tx: Executor, id: number): Promise<Stored<Data> | null>;
  count(tx: Executor): Promise<number>;
  /** References, uniqueness and what no schema can say. @throws AppError `bad_request`, `already_taken`, `conflict` */
  check(data: Data, checked: Checked<Data>): Promise<void>;
  /** @param id of a thing that comes back, or that is named by another; null = the next. @returns its id */
  insert(tx: Executor, data: Data, at: { readonly id: number | null; readonly version: number }): Promise<number>;
  update(tx: Executor, data: Data, at: { readonly id: number; readonly version: number }): Promise<void>;
  /** What keeps it from being removed. */
  usedBy(tx: Executor, id: number): Promise<readonly Usage[]>;
  remove(tx: Executor, id: number): Promise<void>;
  /** How a creation is taken back where things of the past still name it; absent: it is removed. */
  retired?(data: Data): Data;
}
