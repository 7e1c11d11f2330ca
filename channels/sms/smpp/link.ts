/** The link to one SMSC: connects, binds, stays, comes back. Submissions go through it one attempt at a time. */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock, TimerHandle } from '../../../server/kernel/clock.ts';
import type { Log } from '../../../server/kernel/log.ts';
import { canTransition, type TransitionTable, transition } from '../../../server/kernel/transition.ts';
import type { AccountHealth } from '../../message-channel.ts';
import { limits } from '../limits.ts';
import type { SmppSecrets, SmppSettings } from '../settings.ts';
import type { Pdu, PduOf, PduToWrite } from './codec.ts';
import { statuses, statusName } from './commands.ts';
import { createPace, type Pace, type Refusal } from './pace.ts';
import { createSession, type DeliveryAnswer, type Session } from './session.ts';

type LinkState = 'off' | 'connecting' | 'binding' | 'bound' | 'waiting' | 'refused' | 'closed';
type LinkInput = 'start' | 'connected' | 'accepted' | 'refused' | 'lost' | 'again' | 'close';

/**
 * ```
 * off ─start─► connecting ─connected─► binding ─accepted─► bound
 *                  ▲  │ lost              │ lost, refused     │ lost
 *                  └──┴── waiting ◄───────┴───────────────────┘      refused: until somebody looks
 * ```
 */
export const linkTransitions = {
  off: { start: 'connecting', close: 'closed' },
  connecting: { connected: 'binding', lost: 'waiting', close: 'closed' },
  binding: { accepted: 'bound', refused: 'refused', lost: 'waiting', close: 'closed' },
  bound: { lost: 'waiting', close: 'closed' },
  waiting: { again: 'connecting', close: 'closed' },
  refused: { close: 'closed' },
  closed: {},
} as const satisfies TransitionTable<LinkState, LinkInput>;

const healthOf = {
  off: 'off',
  connecting: 'connecting',
  binding: 'connecting',
  bound: 'up',
  waiting: 'down',
  refused: 'down',
  closed: 'off',
} as const satisfies Record<LinkState, AccountHealth['state']>;

/** A password is not mended by haste, and repeated tries lock accounts. Other refusals (too many binds) pass. */
const finalRefusals: readonly number[] = [statuses.ESME_RINVPASWD, statuses.ESME_RINVSYSID, statuses.ESME_RINVSYSTYP];

/** How one submission ended. */
export type SubmitOutcome =
  | { readonly kind: 'answered'; readonly status: number; readonly id: string }
  /** Nothing was written. */
  | { readonly kind: 'unsent'; readonly why: Refusal | 'bind_refused' | 'does_not_fit'; readonly text: string }
  /** Written, and not answered. */
  | { readonly kind: 'silent'; readonly why: string };

export type Submission = Pick<PduToWrite<'submit_sm'>, 'fields' | 'tlvs'>;

export interface SmppLink {
  start(): void;
  close(): Promise<void>;
  health(): AccountHealth;
  /** One attempt; never rejects. `onLate`: the id, when the answer came after we gave up waiting for it. */
  submit(submission: Submission, signal: AbortSignal, onLate: (id: string) => void): Promise<SubmitOutcome>;
  readonly pace: Pick<Pace, 'pausedMs' | 'inFlight' | 'rate'>;
  /** Counts connections: what was delivered in one is not repeated in it. */
  sessionNumber(): number;
}

export interface LinkOptions {
  readonly settings: SmppSettings;
  readonly secrets: SmppSecrets;
  readonly clock: Clock;
  readonly log: Log;
  onDelivery(pdu: PduOf<'deliver_sm'>): Promise<DeliveryAnswer>;
}

function connect({ host, port, tls }: SmppSettings): Socket {
  if (!tls) return connectTcp({ host, port, noDelay: true });
  // a name for SNI and for the certificate; an address must not stand there (RFC 6066 section 3)
  const socket = connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }) });
  socket.setNoDelay(true);
  return socket;
}

const isThrottle = (status: number): boolean =>
  status === statuses.ESME_RTHROTTLED || status === statuses.ESME_RMSGQFUL;

export function createSmppLink({ settings, secrets, clock, log, onDelivery }: LinkOptions): SmppLink {
  const pace = createPace({ window: settings.window, perSecond: settings.perSecond, clock });
  let state: LinkState = 'off';
  let since = clock.now();
  let problem = '';
  let session: Session | null = null;
  let sessions = 0;
  let failures = 0;
  let retry: TimerHandle | null = null;
  let closing: Promise<void> | null = null;
  let whenGone: (() => void) | null = null;

  function move(input: LinkInput, trouble = ''): void {
    if (!canTransition(linkTransitions, state, input)) return;
    state = transition(linkTransitions, state, input);
    since = clock.now();
    if (trouble !== '' || state === 'bound') problem = trouble;
    if (state === 'bound') pace.open();
    else pace.shut();
  }

  function lost(why: string): void {
    session = null;
    whenGone?.();
    if (state === 'refused' || state === 'closed') return;
    // an SMSC that binds and cuts, again and again, is not hammered either
    if (state === 'bound') failures = clock.now() - since >= limits.stableMs ? 0 : Math.min(failures, 2);
    const doubled = limits.reconnectMs.first * 2 ** Math.min(failures++, 16);
    const pauseMs = Math.min(doubled, limits.reconnectMs.longest) * (0.75 + Math.random() / 2);
    log.warn({ why, pauseMs: Math.round(pauseMs) }, 'smpp link lost');
    move('lost', why);
    retry = clock.after(pauseMs, () => {
      move('again');
      open();
    });
  }

  async function bind(current: Session): Promise<void> {
    move('connected');
    const fields = {
      system_id: secrets.systemId,
      password: secrets.password,
      system_type: settings.systemType,
      interface_version: 0x34,
    };
    const answer = await current.request({ command: `bind_${settings.bind}`, fields }, { waitMs: limits.bindMs });
    if (answer.kind !== 'answered') return current.destroy(`bind: ${answer.why}`);
    const { status } = answer.pdu;
    if (status !== statuses.ESME_ROK) {
      log.error({ status: statusName(status) }, 'smpp bind refused');
      if (finalRefusals.includes(status)) move('refused', statusName(status));
      return current.destroy(`bind refused: ${statusName(status)}`);
    }
    move('accepted');
    current.keepAlive();
    log.info({ sessions }, 'smpp link bound');
  }

  function open(): void {
    sessions++;
    const socket = connect(settings);
    const timer = clock.after(limits.connectMs, () => current.destroy('no connection in time'));
    const current = createSession({
      socket,
      clock,
      log,
      onDelivery,
      onClosed(why) {
        timer.cancel();
        lost(why);
      },
    });
    session = current;
    socket.once(settings.tls ? 'secureConnect' : 'connect', () => {
      timer.cancel();
      void bind(current);
    });
  }

  async function submit(
    submission: Submission,
    signal: AbortSignal,
    onLate: (id: string) => void,
  ): Promise<SubmitOutcome> {
    if (state === 'refused') return { kind: 'unsent', why: 'bind_refused', text: problem };
    const refusal = await pace.enter(signal);
    if (refusal !== null) return { kind: 'unsent', why: refusal, text: problem };
    const late = (pdu: Pdu): void => {
      if (pdu.command === 'submit_sm_resp' && pdu.status === 0) onLate(pdu.fields.message_id);
    };
    const answer =
      session === null
        ? ({ kind: 'unwritten', why: 'not_bound', text: problem } as const)
        : await session.request<'submit_sm'>(
            { command: 'submit_sm', ...submission },
            { waitMs: limits.responseMs, signal, onLate: late },
          );
    const status = answer.kind === 'answered' ? answer.pdu.status : -1;
    pace.leave(isThrottle(status) ? 'throttled' : status === 0 ? 'clean' : 'none');
    if (answer.kind === 'silent') return answer;
    if (answer.kind === 'unwritten') return { kind: 'unsent', why: answer.why, text: answer.text };
    const id = answer.pdu.command === 'submit_sm_resp' ? answer.pdu.fields.message_id : '';
    return { kind: 'answered', status: answer.pdu.command === 'generic_nack' ? status || 3 : status, id };
  }

  /** Answers on their way are waited for, what is being stored too; then the SMSC is told. */
  async function end(): Promise<void> {
    retry?.cancel();
    const wasBound = state === 'bound';
    move('close');
    const current = session;
    if (current === null) return;
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    whenGone = resolve;
    const isIdle = (): boolean => pace.inFlight() === 0 && current.deliveriesInHand() === 0;
    await untilIdle(isIdle, gone);
    if (wasBound && session !== null) await current.request({ command: 'unbind' }, { waitMs: limits.unbindMs });
    current.destroy('closed');
    if (session !== null) await gone;
  }

  /** Looks every few milliseconds; the end of the connection or of patience ends it too. */
  function untilIdle(isIdle: () => boolean, gone: Promise<void>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const deadline = clock.now() + limits.unbindMs;
    const look = (): void => {
      if (isIdle() || clock.now() >= deadline) resolve();
      else clock.after(20, look);
    };
    look();
    return Promise.race([promise, gone]);
  }

  return {
    start() {
      if (state !== 'off') return;
      move('start');
      open();
    },
    close() {
      closing ??= end();
      return closing;
    },
    health: () => ({
      state: state === 'bound' && pace.pausedMs() > 0 ? 'degraded' : healthOf[state],
      since,
      problem,
      catchUp: null,
    }),
    submit,
    pace,
    sessionNumber: () => sessions,
  };
}
