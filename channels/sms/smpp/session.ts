/** One connection to an SMSC: requests with their answers, answers to its requests, and a watch on whether it still lives. */
import type { Socket } from 'node:net';
import type { Clock, TimerHandle } from '../../../server/kernel/clock.ts';
import type { Log } from '../../../server/kernel/log.ts';
import { limits } from '../limits.ts';
import { createFramer, decodePdu, encodePdu, type Pdu, type PduError, type PduOf, type PduToWrite } from './codec.ts';
import { type CommandName, responseBit, statuses } from './commands.ts';

/** How a request ended. `silent`: it was written, and nobody knows what became of it. */
export type Answer =
  | { readonly kind: 'answered'; readonly pdu: Pdu }
  | { readonly kind: 'unwritten'; readonly why: 'not_bound' | 'aborted' | 'does_not_fit'; readonly text: string }
  | { readonly kind: 'silent'; readonly why: string };

export type RequestName =
  | 'bind_transceiver'
  | 'bind_transmitter'
  | 'bind_receiver'
  | 'submit_sm'
  | 'enquire_link'
  | 'unbind';

export interface RequestOptions {
  readonly waitMs: number;
  readonly signal?: AbortSignal;
  /** An answer that came after `waitMs`, on the same connection. */
  readonly onLate?: (pdu: Pdu) => void;
}

export interface Session {
  /** Never rejects. */
  request<C extends RequestName>(pdu: Omit<PduToWrite<C>, 'sequence'>, options: RequestOptions): Promise<Answer>;
  /** Asks whether the SMSC is there, every `limits.enquireMs`; a silent one is cut off. */
  keepAlive(): void;
  /** Cuts the connection. */
  destroy(why: string): void;
  /** deliver_sm that are not answered yet. */
  deliveriesInHand(): number;
}

/** How a deliver_sm is answered. */
export interface DeliveryAnswer {
  readonly status: number;
  /** Called when it is proven that the SMSC read the answer: it answered something that we wrote after it. */
  onHeard?(): void;
}

export interface SessionOptions {
  readonly socket: Socket;
  readonly clock: Clock;
  readonly log: Log;
  /** Stores a message or receipt and says how it is answered. */
  onDelivery(pdu: PduOf<'deliver_sm'>): Promise<DeliveryAnswer>;
  onClosed(why: string): void;
}

interface Pending {
  readonly command: RequestName;
  readonly settle: (answer: Answer) => void;
  readonly onLate: ((pdu: Pdu) => void) | undefined;
  isLate: boolean;
  /** How many deliveries were answered before it was written. */
  readonly after: number;
}

export function createSession({ socket, clock, log, onDelivery, onClosed }: SessionOptions): Session {
  const framer = createFramer();
  const pending = new Map<number, Pending>();
  let sequence = 0;
  let deliveries = 0;
  /** Deliveries answered so far, and those of them that the SMSC may not have read yet. */
  let answeredCount = 0;
  const unproven: { readonly number: number; readonly onHeard: () => void }[] = [];
  let why = '';
  let enquiry: TimerHandle | null = null;

  function write<C extends CommandName>(pdu: PduToWrite<C>): void {
    if (!socket.destroyed && socket.writable) socket.write(encodePdu(pdu));
    if (socket.writableLength <= limits.unsentBytes || socket.isPaused()) return;
    // an SMSC that sends and does not read would fill our memory with answers
    socket.pause();
    socket.once('drain', () => socket.resume());
  }

  function destroy(reason: string): void {
    why ||= reason;
    socket.destroy();
  }

  /** Section 3.2: 1 to 0x7fffffff, then from the beginning. */
  function nextSequence(): number {
    do sequence = sequence >= 0x7fffffff ? 1 : sequence + 1;
    while (pending.has(sequence));
    return sequence;
  }

  function takeAnswer(pdu: Pdu): void {
    const request = pending.get(pdu.sequence);
    if (request === undefined) return;
    pending.delete(pdu.sequence);
    // the stream has an order: who answers this has read what was written before it
    while (unproven[0] !== undefined && unproven[0].number <= request.after) unproven.shift()?.onHeard();
    const fits = pdu.command === 'generic_nack' || pdu.command === `${request.command}_resp`;
    if (!fits) request.settle({ kind: 'silent', why: `answered with ${pdu.command}` });
    else if (request.isLate) request.onLate?.(pdu);
    else request.settle({ kind: 'answered', pdu });
  }

  async function takeDelivery(pdu: PduOf<'deliver_sm'>): Promise<void> {
    const answer = (status: number): void => write({ command: 'deliver_sm_resp', sequence: pdu.sequence, status });
    if (deliveries >= limits.deliveriesAtOnce) return answer(statuses.ESME_RX_T_APPN);
    deliveries++;
    try {
      const { status, onHeard } = await onDelivery(pdu);
      answer(status);
      answeredCount++;
      if (onHeard !== undefined) unproven.push({ number: answeredCount, onHeard });
      if (unproven.length > limits.unprovenAnswers) unproven.shift();
    } catch (error) {
      // not stored: the SMSC keeps it and comes again
      log.error({ err: error }, 'sms delivery not stored');
      answer(statuses.ESME_RX_T_APPN);
    } finally {
      deliveries--;
    }
  }

  function take(pdu: Pdu): void {
    if (pdu.command === 'generic_nack' || pdu.command.endsWith('_resp')) takeAnswer(pdu);
    else if (pdu.command === 'deliver_sm') void takeDelivery(pdu);
    else if (pdu.command === 'enquire_link') write({ command: 'enquire_link_resp', sequence: pdu.sequence });
    else if (pdu.command === 'unbind') {
      write({ command: 'unbind_resp', sequence: pdu.sequence });
      why ||= 'the SMSC unbound';
      socket.end();
    } else write({ command: 'generic_nack', sequence: pdu.sequence, status: statuses.ESME_RINVCMDID });
  }

  /** Section 3.2 and 4.3: what cannot be read is refused by its own kind of answer where there is one. */
  function refuse({ code, commandId, sequence: number, where }: PduError): void {
    log.warn({ code, commandId, where }, 'smpp pdu not readable');
    if ((commandId & responseBit) !== 0) {
      const request = pending.get(number);
      pending.delete(number);
      request?.settle({ kind: 'silent', why: 'the answer could not be read' });
      return;
    }
    const isDelivery = code !== 'unknown_command' && commandId === 0x05;
    const status = code === 'unknown_command' ? statuses.ESME_RINVCMDID : statuses.ESME_RINVCMDLEN;
    write({ command: isDelivery ? 'deliver_sm_resp' : 'generic_nack', sequence: number, status });
  }

  socket.on('data', (chunk: Buffer) => {
    const pdus = framer.push(chunk);
    if (pdus === null) {
      write({ command: 'generic_nack', sequence: 0, status: statuses.ESME_RINVCMDLEN });
      return destroy('the stream is out of step');
    }
    for (const bytes of pdus) {
      const read = decodePdu(bytes);
      if (read.ok) take(read.pdu);
      else refuse(read.error);
    }
  });
  socket.on('error', (error) => {
    why ||= error.message;
  });
  socket.on('close', () => {
    enquiry?.cancel();
    const requests = [...pending.values()];
    pending.clear();
    for (const request of requests) request.settle({ kind: 'silent', why: why || 'the connection was closed' });
    onClosed(why || 'the SMSC closed the connection');
  });

  /** An SMSC that answers enquire_link and nothing else must not fill the table. */
  function forgetOldest(): void {
    if (pending.size < limits.unanswered) return;
    for (const [number, one] of pending) {
      if (!one.isLate) continue;
      pending.delete(number);
      return;
    }
  }

  function request<C extends RequestName>(
    pdu: Omit<PduToWrite<C>, 'sequence'>,
    { waitMs, signal, onLate }: RequestOptions,
  ): Promise<Answer> {
    const unwritten = (reason: 'not_bound' | 'aborted' | 'does_not_fit', text: string): Promise<Answer> =>
      Promise.resolve({ kind: 'unwritten', why: reason, text });
    if (socket.destroyed || !socket.writable) return unwritten('not_bound', why);
    if (signal?.aborted) return unwritten('aborted', '');
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const number = nextSequence();
    let bytes: Buffer;
    try {
      bytes = encodePdu<C>({ ...pdu, sequence: number } as PduToWrite<C>);
    } catch (error) {
      if (error instanceof RangeError) return unwritten('does_not_fit', error.message);
      throw error;
    }
    const giveUp = (reason: string): void => {
      // it stays in the table: a late answer still ends the doubt
      one.isLate = true;
      one.settle({ kind: 'silent', why: reason });
    };
    const onAbort = (): void => giveUp('aborted');
    const timer = clock.after(waitMs, () => giveUp('no answer in time'));
    const settle = (answer: Answer): void => {
      timer.cancel();
      signal?.removeEventListener('abort', onAbort);
      resolve(answer);
    };
    const one: Pending = { command: pdu.command, settle, onLate, isLate: false, after: answeredCount };
    forgetOldest();
    pending.set(number, one);
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.write(bytes);
    return promise;
  }

  function keepAlive(): void {
    enquiry = clock.after(limits.enquireMs, async () => {
      const answer = await request({ command: 'enquire_link' }, { waitMs: limits.enquireAnswerMs });
      if (answer.kind === 'answered') keepAlive();
      else destroy('enquire_link was not answered');
    });
  }

  return { request, keepAlive, destroy, deliveriesInHand: () => deliveries };
}
