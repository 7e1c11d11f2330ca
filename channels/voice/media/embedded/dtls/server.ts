import type { Clock, TimerHandle } from '../../../../../server/kernel/clock.ts';
import { limits } from '../../limits.ts';
import type { SdpFingerprint } from '../../sdp/parse.ts';
import type { SrtpProfile } from '../srtp/keys.ts';
import { type Certificate, matchesFingerprint } from './certificate.ts';
import { createReassembler, type HandshakeInput } from './fragments.ts';
import { createHandshake, type HandshakeOutput } from './handshake.ts';
import type { SrtpKeys } from './keys.ts';
import { createRecordOpener, createRecordWriter, type DtlsRecord, readRecords } from './records.ts';
import { alertDescription, contentType, DtlsFailure } from './wire.ts';

export interface DtlsServerOptions {
  readonly certificate: Certificate;
  readonly clock: Clock;
  readonly send: (datagram: Buffer) => void;
  /** The peer has proved to hold the announced certificate: media may flow with these keys. */
  readonly onConnected: (keys: SrtpKeys) => void;
  /** The association has ended or failed, by the peer or by time; not by close(). */
  readonly onClosed: (reason: string) => void;
  /** SRTP profiles to choose from, best first. */
  readonly profiles: readonly SrtpProfile[];
}

/** One DTLS 1.2 association for SRTP (RFC 6347, RFC 5764), as the server. */
export interface DtlsServer {
  /** Takes a datagram; never throws. */
  receive(datagram: Buffer): void;
  /**
   * The certificates that the signalling announced. The handshake may run before they are known; the keys are given out
   * only afterwards (RFC 5763 section 5).
   */
  expect(fingerprints: readonly SdpFingerprint[]): void;
  /** Says goodbye when connected. Idempotent. */
  close(): void;
}

type Phase = 'handshake' | 'identity' | 'connected' | 'closed';

interface FlightRecord {
  readonly type: number;
  readonly epoch: 0 | 1;
  readonly body: Buffer;
}

/** Room for IP and TURN headers below an Ethernet frame. */
const datagramBytes = 1200;
/** However often the peer repeats itself, a flight goes out at most this often. */
const resendGapMs = 50;
const fatal = 2;
const warning = 1;

export function createDtlsServer(options: DtlsServerOptions): DtlsServer {
  const { clock } = options;
  const handshake = createHandshake(options.certificate, options.profiles);
  const reassembler = createReassembler();
  const writer = createRecordWriter();
  let phase: Phase = 'handshake';
  let open: ((record: DtlsRecord) => Buffer | null) | undefined;
  let announced: readonly SdpFingerprint[] = [];
  /** Records of epoch 1 that overtook the key exchange. */
  let early: DtlsRecord[] = [];
  let flight: readonly FlightRecord[] = [];
  let lastFlightAt = Number.NEGATIVE_INFINITY;
  let timer: TimerHandle | undefined;
  let timeoutMs: number = limits.dtlsFirstTimeoutMs;
  let retransmissions = 0;

  /** Writes records into as few datagrams as they fit in. */
  function transmit(records: readonly FlightRecord[]): void {
    let datagram: Buffer[] = [];
    let bytes = 0;
    const flush = (): void => {
      if (bytes > 0) options.send(Buffer.concat(datagram));
      datagram = [];
      bytes = 0;
    };
    for (const { type, epoch, body } of records) {
      const record = writer.write(type, epoch, body);
      if (bytes + record.length > datagramBytes) flush();
      datagram.push(record);
      bytes += record.length;
    }
    flush();
  }

  function sendFlight(): void {
    lastFlightAt = clock.now();
    transmit(flight);
  }

  /** RFC 6347 section 4.2.4: the flight is repeated, each time after twice the time, until the peer goes on. */
  function arm(): void {
    timer?.cancel();
    timer = clock.after(timeoutMs, () => {
      if (++retransmissions > limits.dtlsRetransmissions) {
        end('DTLS handshake timed out');
        return;
      }
      timeoutMs = Math.min(2 * timeoutMs, limits.dtlsLastTimeoutMs);
      sendFlight();
      arm();
    });
  }

  function stop(): void {
    phase = 'closed';
    timer?.cancel();
    early = [];
    flight = [];
  }

  function end(reason: string): void {
    if (phase === 'closed') return;
    stop();
    options.onClosed(reason);
  }

  function alert(level: number, description: number): void {
    // Our ChangeCipherSpec goes out with Finished; before it, the peer reads epoch 0.
    const epoch = phase === 'handshake' ? 0 : 1;
    transmit([{ type: contentType.alert, epoch, body: Buffer.from([level, description]) }]);
  }

  function fail(error: unknown): void {
    const description = error instanceof DtlsFailure ? error.alert : alertDescription.decodeError;
    alert(fatal, description);
    end(`DTLS failed: ${error instanceof Error ? error.message : String(error)}`);
  }

  /** The last step: the certificate of the handshake against the one of the signalling. */
  function identify(): void {
    if (phase !== 'identity' || announced.length === 0 || !handshake.peer) return;
    if (!matchesFingerprint(handshake.peer, announced)) {
      fail(new DtlsFailure(alertDescription.badCertificate, 'the certificate is not the announced one'));
      return;
    }
    phase = 'connected';
    options.onConnected(handshake.srtpKeys());
  }

  function follow(output: HandshakeOutput): void {
    if (output.flight) {
      flight = output.flight.map((body) => ({ type: contentType.handshake, epoch: 0, body }));
      sendFlight();
      arm();
    }
    if (output.keys) {
      open = createRecordOpener(output.keys.client);
      writer.setKey(output.keys.server);
    }
    if (output.finished) {
      timer?.cancel();
      flight = [
        { type: contentType.changeCipherSpec, epoch: 0, body: Buffer.from([1]) },
        { type: contentType.handshake, epoch: 1, body: output.finished },
      ];
      sendFlight();
      phase = 'identity';
      identify();
    }
  }

  function onHandshake(payload: Buffer, epoch: number): void {
    const { messages, repeated } = reassembler.add(payload, epoch);
    if (repeated && clock.now() - lastFlightAt >= resendGapMs) sendFlight();
    for (const message of messages) if (!take(message)) return;
  }

  /** False when the association has ended. */
  function take(message: HandshakeInput): boolean {
    try {
      follow(handshake.take(message));
    } catch (error) {
      fail(error);
    }
    return phase !== 'closed';
  }

  /** An alert in the clear can be anybody's; once connected only encrypted ones count. */
  function onAlert(payload: Buffer, epoch: number): void {
    if (payload.length < 2 || (epoch === 0 && phase !== 'handshake')) return;
    const [level, description] = payload;
    if (description === alertDescription.closeNotify) end('the peer closed DTLS');
    else if (level === fatal) end(`the peer failed DTLS with alert ${description}`);
  }

  function onRecord(record: DtlsRecord): void {
    if (record.epoch > 1) return;
    if (record.epoch === 1 && !open) {
      if (early.length < limits.dtlsEarlyRecords) early.push({ ...record, body: Buffer.from(record.body) });
      return;
    }
    const payload = record.epoch === 1 ? open?.(record) : record.body;
    if (!payload) return;
    if (record.type === contentType.handshake) onHandshake(payload, record.epoch);
    else if (record.type === contentType.alert) onAlert(payload, record.epoch);
    // ChangeCipherSpec says nothing that the epoch does not say.
  }

  return {
    receive(datagram) {
      for (const record of readRecords(datagram)) {
        if (phase === 'closed') return;
        onRecord(record);
      }
      while (open && phase !== 'closed') {
        const record = early.shift();
        if (!record) break;
        onRecord(record);
      }
    },
    expect(fingerprints) {
      announced = fingerprints;
      identify();
    },
    close() {
      if (phase === 'closed') return;
      if (phase === 'connected') alert(warning, alertDescription.closeNotify);
      stop();
    },
  };
}
