import { type Static, type TEnum, type TSchema, Type } from 'typebox';

type Mutable<T extends readonly string[]> = { -readonly [K in keyof T]: T[K] };

/** A closed list of words as a schema whose static type is their union. */
export const Words = <const T extends readonly string[]>(words: T): TEnum<Mutable<T>> =>
  Type.Enum([...words]) as unknown as TEnum<Mutable<T>>;

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** ISO-8601, UTC. */
export const Instant = Type.String({ format: 'date-time' });
export const Id = Type.Integer({ minimum: 1 });
export const Uuid = Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' });

export const UserRef = Type.Object({ id: Id, name: Type.String() });
export type UserRef = Static<typeof UserRef>;
