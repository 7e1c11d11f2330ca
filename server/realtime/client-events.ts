import { type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { ClientToServerEvents } from '../contract/events.ts';
import { Id, Uuid } from '../contract/schemas.ts';

export type ClientEventName = keyof ClientToServerEvents;
export type ClientEventPayload<N extends ClientEventName> = Parameters<ClientToServerEvents[N]>[0];

const schemas = {
  'card:watch': Type.Union([Id, Type.Null()]),
  'queues:watch': Type.Boolean(),
  'offer:seen': Uuid,
} as const satisfies Record<ClientEventName, TSchema>;

const validators = {
  'card:watch': Compile(schemas['card:watch']),
  'queues:watch': Compile(schemas['queues:watch']),
  'offer:seen': Compile(schemas['offer:seen']),
} as const satisfies Record<ClientEventName, { Check(value: unknown): boolean }>;

/** Whether the name is an event of the contract. */
export const isClientEvent = (name: unknown): name is ClientEventName =>
  typeof name === 'string' && Object.hasOwn(validators, name);

/** Whether a browser sent what the event's type promises. */
export function isPayload<N extends ClientEventName>(name: N, payload: unknown): payload is ClientEventPayload<N> {
  return validators[name].Check(payload);
}
