/** What every client transaction tells its user and needs from the layer. */
import type { RequestHead } from '../message/build.ts';
import type { SipResponse } from '../message/message.ts';
import type { Flow } from '../transport/flow.ts';

export interface ClientHandlers {
  /** Every provisional response, the final one, and each repetition of a 2xx to an INVITE. */
  response(response: SipResponse): void;
  /** No final response in time (timers B and F, or after a CANCEL). Nothing follows. */
  timeout(): void;
  /** The request could not leave, or its connection closed before the final response. Nothing follows. */
  transportError(): void;
}

/** Sends a CANCEL that nobody waits for. */
export type SendCancel = (head: RequestHead, flow: Flow) => void;
