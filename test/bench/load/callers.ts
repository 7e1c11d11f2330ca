import type { CallPlan, CallReport } from './protocol.ts';
import {
  createSendUntil,
  header,
  methodOf,
  newToken,
  openWire,
  request,
  response,
  statusOf,
  t2Ms,
  uriIn,
  withSdp,
} from './wire.ts';

/** The carrier: everybody who calls, on one socket. */
export interface Callers {
  /** Calls as planned; resolves when every call is over. */
  call(batch: string, plan: CallPlan): Promise<CallReport>;
  progress(batch: string): CallReport;
  /** Hangs up whoever is left of the batch. */
  stop(batch: string): void;
  /** An agent's phone rings for this number. */
  rung(number: string): void;
  /** An agent has answered this number; `hangUpAfterMs` when it is the caller who ends the talk. */
  served(number: string, hangUpAfterMs: number | undefined): void;
  /** Milliseconds since this number's INVITE; undefined when it does not call. */
  sinceInvite(number: string): number | undefined;
  close(): void;
}

export interface CallersOptions {
  readonly sipPort: number;
  readonly onRetransmission: () => void;
  readonly onRepeat: () => void;
}

interface Caller {
  readonly number: string;
  readonly batch: Batch;
  readonly callId: string;
  readonly branch: string;
  readonly invite: string;
  readonly sentAt: number;
  state: 'calling' | 'up' | 'ending' | 'over';
  /** With the server's tag, once it is known. */
  to: string;
  target: string;
  isRung: boolean;
  isServed: boolean;
  pending: { stop(): void } | undefined;
  limit: NodeJS.Timeout;
  talk: NodeJS.Timeout | undefined;
}

interface Batch {
  readonly plan: CallPlan;
  readonly report: CallReport;
  readonly open: Set<Caller>;
  next: number;
  stopped: boolean;
  done: () => void;
}

const againMs = 2_000;

export async function openCallers(options: CallersOptions): Promise<Callers> {
  const byCallId = new Map<string, Caller>();
  const byNumber = new Map<string, Caller>();
  const batches = new Map<string, Batch>();

  const wire = await openWire(options.sipPort, (text) => {
    const caller = byCallId.get(header(text, 'Call-ID'));
    const status = statusOf(text);
    if (status === 0) onRequest(text, caller);
    else if (caller) onResponse(text, status, caller);
    else if (status >= 200) options.onRepeat();
  });
  const sendUntil = createSendUntil(wire.send, options.onRetransmission);

  function begin(batch: Batch): void {
    const { plan, report } = batch;
    const number = plan.numbers[batch.next++ % plan.numbers.length] ?? '';
    const [callId, branch] = [newToken(), newToken()];
    const from = `<sip:${number}@127.0.0.1:${wire.port}>;tag=${callId}`;
    const uri = `sip:${plan.line}@127.0.0.1:${options.sipPort}`;
    const rest = withSdp(number, wire.port);
    const to = `<${uri}>`;
    const invite = request({ method: 'INVITE', uri, port: wire.port, branch, from, to, callId, cseq: 1, rest });
    const caller: Caller = {
      number,
      batch,
      callId,
      branch,
      invite,
      sentAt: performance.now(),
      state: 'calling',
      to,
      target: uri,
      isRung: false,
      isServed: false,
      pending: undefined,
      limit: setTimeout(() => abort(caller), plan.limitMs),
      talk: undefined,
    };
    report.sent++;
    batch.open.add(caller);
    byCallId.set(callId, caller);
    byNumber.set(number, caller);
    caller.pending = sendUntil(invite, { capMs: 32_000, onGiveUp: () => finish(caller, 'no response') });
  }

  const ofCaller = (caller: Caller, method: string, cseq: number, branch = newToken()): string =>
    request({
      method,
      uri: method === 'CANCEL' ? (caller.invite.split(' ', 2)[1] ?? '') : caller.target,
      port: wire.port,
      branch,
      from: header(caller.invite, 'From'),
      to: caller.to,
      callId: caller.callId,
      cseq,
    });

  function onResponse(text: string, status: number, caller: Caller): void {
    const method = header(text, 'CSeq').split(' ')[1];
    if (method === 'CANCEL') return;
    if (method === 'BYE') {
      if (status >= 200) finish(caller, caller.isServed || caller.batch.stopped ? null : 'gave up');
      return;
    }
    if (caller.state === 'calling' || status >= 300) caller.pending?.stop();
    if (status < 200) return;
    if (status >= 300) refused(text, status, caller);
    else if (caller.state === 'calling') accepted(text, caller);
    else {
      options.onRepeat();
      wire.send(ofCaller(caller, 'ACK', 1));
    }
  }

  function accepted(text: string, caller: Caller): void {
    caller.state = 'up';
    caller.to = header(text, 'To');
    caller.target = uriIn(header(text, 'Contact'));
    caller.batch.report.answered++;
    wire.send(ofCaller(caller, 'ACK', 1));
    if (caller.batch.stopped) hangUp(caller);
  }

  function refused(text: string, status: number, caller: Caller): void {
    caller.to = header(text, 'To');
    // RFC 3261 section 17.1.1.3: this ACK belongs to the INVITE's transaction.
    wire.send(ofCaller(caller, 'ACK', 1, caller.branch));
    if (status === 503) caller.batch.report.shed++;
    finish(caller, status === 503 || caller.batch.stopped ? null : `status ${status}`);
  }

  function onRequest(text: string, caller: Caller | undefined): void {
    const isBye = methodOf(text) === 'BYE';
    if (methodOf(text) === 'ACK') return;
    wire.send(response(text, caller || !isBye ? '200 OK' : '481 Gone', newToken()));
    if (!isBye) return;
    if (!caller) options.onRepeat();
    else finish(caller, caller.isServed || caller.batch.stopped ? null : 'dropped');
  }

  function hangUp(caller: Caller): void {
    if (caller.state === 'calling') wire.send(ofCaller(caller, 'CANCEL', 1, caller.branch));
    if (caller.state !== 'up') return;
    caller.state = 'ending';
    caller.pending?.stop();
    caller.pending = sendUntil(ofCaller(caller, 'BYE', 2), {
      capMs: t2Ms,
      onGiveUp: () => finish(caller, 'BYE without response'),
    });
  }

  /** Too long in the house: what it lacks is the reason. */
  function abort(caller: Caller): void {
    if (caller.state === 'over') return;
    hangUp(caller);
    const lacks = caller.isServed ? 'end' : caller.isRung ? 'answer' : caller.state === 'calling' ? 'ring' : 'agent';
    finish(caller, `no ${lacks} in time`);
  }

  /** @param failure null = in order */
  function finish(caller: Caller, failure: string | null): void {
    if (caller.state === 'over') return;
    const { batch } = caller;
    const { report } = batch;
    caller.state = 'over';
    caller.pending?.stop();
    clearTimeout(caller.limit);
    clearTimeout(caller.talk);
    batch.open.delete(caller);
    if (byNumber.get(caller.number) === caller) byNumber.delete(caller.number);
    // Repetitions of its messages are recognised a while longer.
    setTimeout(() => byCallId.delete(caller.callId), 5_000).unref();
    if (failure !== null) {
      report.failed++;
      report.failures[failure] = (report.failures[failure] ?? 0) + 1;
    } else if (caller.isServed) report.completed++;
    else if (batch.stopped) report.stopped++;
    if (batch.plan.keep && !batch.stopped) again(batch, failure === null && caller.isServed);
    else if (batch.open.size === 0 && (batch.stopped || batch.next >= batch.plan.numbers.length)) batch.done();
  }

  /** Whoever was refused calls again after a while, as people do. */
  function again(batch: Batch, wasServed: boolean): void {
    if (wasServed) begin(batch);
    else setTimeout(() => batch.stopped || begin(batch), againMs).unref();
  }

  /** Even, but for a jitter that keeps it from falling into step with the server's timers. */
  function pace(batch: Batch): void {
    const { rate, numbers } = batch.plan;
    const startedAt = performance.now();
    let planned = 0;
    const due = (): number => startedAt + ((planned + Math.random()) * 1000) / rate;
    let dueAt = due();
    const tick = (): void => {
      while (!batch.stopped && planned < numbers.length && performance.now() >= dueAt) {
        begin(batch);
        planned++;
        dueAt = Math.max(dueAt, due());
      }
      if (!batch.stopped && planned < numbers.length) setTimeout(tick, Math.max(0, dueAt - performance.now()));
    };
    tick();
  }

  const reportOf = (batch: Batch): CallReport => ({ ...batch.report, open: batch.open.size });

  return {
    async call(name, plan) {
      const report: CallReport = {
        sent: 0,
        completed: 0,
        shed: 0,
        stopped: 0,
        failed: 0,
        failures: {},
        answered: 0,
        open: 0,
        ringMs: [],
      };
      const batch: Batch = { plan, report, open: new Set(), next: 0, stopped: false, done: () => undefined };
      batches.set(name, batch);
      await new Promise<void>((resolve) => {
        batch.done = resolve;
        pace(batch);
      });
      return reportOf(batch);
    },
    progress(name) {
      const batch = batches.get(name);
      if (!batch) throw new Error(`no batch ${name}`);
      return reportOf(batch);
    },
    stop(name) {
      const batch = batches.get(name);
      if (!batch) return;
      batch.stopped = true;
      if (batch.open.size === 0) batch.done();
      for (const caller of batch.open) hangUp(caller);
    },
    rung(number) {
      const caller = byNumber.get(number);
      if (!caller || caller.isRung) return;
      caller.isRung = true;
      caller.batch.report.ringMs.push(performance.now() - caller.sentAt);
    },
    served(number, hangUpAfterMs) {
      const caller = byNumber.get(number);
      if (!caller) return;
      caller.isServed = true;
      if (hangUpAfterMs !== undefined) caller.talk = setTimeout(() => hangUp(caller), hangUpAfterMs);
    },
    sinceInvite(number) {
      const caller = byNumber.get(number);
      return caller && performance.now() - caller.sentAt;
    },
    close: () => wire.close(),
  };
}
