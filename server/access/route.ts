import type { Input, OperationKey, Output } from '../contract/api.ts';
import type { Role, Sees } from '../contract/words.ts';
import type { TeamId, UserId } from '../kernel/ids.ts';

/** Who is asking: what a valid session says. */
export interface SignedInUser {
  readonly id: UserId;
  readonly login: string;
  readonly name: string;
  readonly role: Role;
  readonly teamId: TeamId | null;
  readonly language: 'ru' | 'en';
  /** Whose client cards he sees; an administrator sees all of them. */
  readonly sees: Sees;
  /** Whether he may take the client base out of the house. */
  readonly mayExport: boolean;
}

/** Whether nothing about clients is hidden from him. */
export const seesAll = ({ role, sees }: Pick<SignedInUser, 'role' | 'sees'>): boolean =>
  role === 'admin' || sees === 'all';

type Part<K extends OperationKey, P extends string> = Input<K> extends { [X in P]: infer T } ? T : undefined;

/** A validated request, free of the web framework. Roles of the contract's `access` have been checked. */
export interface RouteInput<K extends OperationKey> {
  readonly params: Part<K, 'params'>;
  /** Defaults of the contract are filled in. */
  readonly query: Required<NonNullable<Input<K>['querystring']>>;
  readonly body: Part<K, 'body'>;
  readonly user: SignedInUser;
  /** Of the session that asks; names it without opening it. */
  readonly sessionId: string;
}

export type RouteHandler<K extends OperationKey> = (input: RouteInput<K>) => Promise<Output<K>>;

/** Mounts one operation of the contract. */
export type MountRoute = <K extends OperationKey>(key: K, handler: RouteHandler<K>) => void;

/** What a noun's routes.ts exports the result of: called once at the start with the web server's mount function. */
export type Routes = (mount: MountRoute) => void;
