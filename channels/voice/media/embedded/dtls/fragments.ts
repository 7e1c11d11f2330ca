import { limits } from '../../limits.ts';

/** A whole handshake message of the peer. */
export interface HandshakeInput {
  readonly type: number;
  readonly sequence: number;
  readonly body: Buffer;
  /** Epoch of the record that began it: a Finished in epoch 0 is a forgery. */
  readonly epoch: number;
}

interface Partial {
  readonly type: number;
  readonly epoch: number;
  readonly body: Buffer;
  /** 1 where an octet has arrived. */
  readonly have: Uint8Array;
  missing: number;
}

/** Puts handshake messages together and in order (RFC 6347 sections 4.2.2 and 4.2.3). */
export interface Reassembler {
  /**
   * Takes the payload of a handshake record; returns the messages that are complete and next in order. `repeated` tells
   * that the peer sent an old message again: our answer to it was lost.
   */
  add(payload: Buffer, epoch: number): { readonly messages: readonly HandshakeInput[]; readonly repeated: boolean };
}

const headerBytes = 12;

export function createReassembler(): Reassembler {
  const partials = new Map<number, Partial>();
  let next = 0;

  function place(payload: Buffer, at: number, epoch: number): void {
    const type = payload.readUInt8(at);
    const length = payload.readUIntBE(at + 1, 3);
    const sequence = payload.readUInt16BE(at + 4);
    const offset = payload.readUIntBE(at + 6, 3);
    const bytes = payload.readUIntBE(at + 9, 3);
    if (length > limits.dtlsMessageBytes || offset + bytes > length) return;
    if (sequence >= next + limits.dtlsMessagesAhead) return;
    const partial = partials.get(sequence) ?? {
      type,
      epoch,
      body: Buffer.alloc(length),
      have: new Uint8Array(length),
      missing: length,
    };
    partials.set(sequence, partial);
    if (partial.type !== type || partial.body.length !== length || partial.epoch !== epoch) return;
    for (let i = 0; i < bytes; i++) {
      if (partial.have[offset + i]) continue;
      partial.have[offset + i] = 1;
      partial.missing--;
      partial.body[offset + i] = payload[at + headerBytes + i] as number;
    }
  }

  function* complete(): Generator<HandshakeInput> {
    for (;;) {
      const partial = partials.get(next);
      if (!partial || partial.missing > 0) return;
      partials.delete(next);
      yield { type: partial.type, sequence: next, body: partial.body, epoch: partial.epoch };
      next++;
    }
  }

  return {
    add(payload, epoch) {
      let repeated = false;
      for (let at = 0; at + headerBytes <= payload.length; ) {
        const end = at + headerBytes + payload.readUIntBE(at + 9, 3);
        if (end > payload.length) break;
        if (payload.readUInt16BE(at + 4) < next) repeated = true;
        else place(payload, at, epoch);
        at = end;
      }
      return { messages: [...complete()], repeated };
    },
  };
}
