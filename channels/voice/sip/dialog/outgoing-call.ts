/** An INVITE of the house on its way out: to one URI, or to every binding of an AOR at once (RFC 3261 section 16.7). */
import { createDigestClient } from '../auth/digest-client.ts';
import { type StackContext, tell } from '../core/context.ts';
import { headerLine, quoteDisplayName } from '../message/build.ts';
import { newSipCallId } from '../message/tokens.ts';
import { escapeUser, parseUri } from '../message/uri.ts';
import type { Binding } from '../registrar/bindings.ts';
import type { OutgoingInvite, OutgoingInviteOptions, Termination } from '../stack.ts';
import type { Dialog } from './dialog.ts';
import { InviteAttempt } from './invite-attempt.ts';
import { type NoTarget, type Target, targetOfBinding, targetOfUri } from './targets.ts';

const completedElsewhere = { status: 200, text: 'Call completed elsewhere' };
const cancelled: Termination = { status: 487, reason: 'Cancelled', by: 'local' };

export class OutgoingCall implements OutgoingInvite {
  readonly sipCallId = newSipCallId();
  readonly #context: StackContext;
  readonly #options: OutgoingInviteOptions;
  readonly #ended: () => void;
  readonly #attempts = new Set<InviteAttempt>();
  /** The best failure so far, told when no attempt is left. */
  #failure: Termination | undefined;
  #cancelled = false;
  #over = false;

  /** @param ended called once, when an answer or a failure was decided */
  constructor(context: StackContext, options: OutgoingInviteOptions, ended: () => void) {
    this.#context = context;
    this.#options = options;
    this.#ended = ended;
  }

  /** Handlers never run before this returns. */
  start(bindings: (aor: string) => readonly Binding[]): void {
    const { target } = this.#options;
    const { uri } = target;
    if (uri !== undefined) {
      const found = targetOfUri(this.#context, { ...target, uri });
      if (found instanceof Promise) found.then((resolved) => this.#launchUri(resolved));
      else this.#launchUri(found);
      return;
    }
    const targets = bindings(target.aor ?? '').map((binding) => targetOfBinding(this.#context, binding));
    this.#launch(targets.filter((candidate) => candidate !== null));
  }

  cancel(reason?: { status: number; text: string }): void {
    if (this.#over || this.#cancelled) return;
    this.#cancelled = true;
    for (const attempt of [...this.#attempts]) attempt.cancel(reason);
  }

  #launchUri(found: Target | NoTarget): void {
    if ('flow' in found) this.#launch([found]);
    else this.#failSoon({ ...found, by: 'local' });
  }

  #launch(targets: readonly Target[]): void {
    if (this.#cancelled) this.#failSoon(cancelled);
    else if (targets.length === 0) this.#failSoon({ status: 480, reason: 'Not registered', by: 'local' });
    else {
      const attempts = targets.map((target) => this.#attempt(target));
      for (const attempt of attempts) this.#attempts.add(attempt);
      for (const attempt of attempts) attempt.start();
    }
  }

  #attempt({ uri, flow, routes }: Target): InviteAttempt {
    const { from, headers, offer, credentials } = this.#options;
    const user = from.user === '' ? '' : `${escapeUser(from.user)}@`;
    const attempt: InviteAttempt = new InviteAttempt({
      context: this.#context,
      callId: this.sipCallId,
      uri,
      flow,
      routes,
      from: `${quoteDisplayName(from.displayName)}<sip:${user}${from.host ?? this.#context.localHost()}>`,
      to: `<${toUri(uri)}>`,
      headers: Object.entries(headers ?? {})
        .map(([name, value]) => headerLine(name, value))
        .join(''),
      offer,
      credentials: credentials && createDigestClient(credentials),
      handlers: {
        progress: (status, sdp) => {
          if (!this.#over) tell(this.#context, 'progress', () => this.#options.handlers.progress?.(status, sdp));
        },
        answered: (dialog, sdp) => this.#answered(attempt, dialog, sdp),
        failed: (termination) => this.#attemptFailed(attempt, termination),
      },
    });
    return attempt;
  }

  #answered(winner: InviteAttempt, dialog: Dialog, sdp: Buffer): void {
    this.#attempts.delete(winner);
    // two phones may lift at the same moment: the second has won nothing
    if (this.#over) {
      dialog.bye(completedElsewhere);
      return;
    }
    this.#over = true;
    this.#ended();
    for (const attempt of [...this.#attempts]) attempt.cancel(completedElsewhere);
    const taken = tell(this.#context, 'answered', () => this.#options.handlers.answered(dialog, sdp));
    if (!taken) dialog.bye({ status: 500, text: 'Internal error' });
  }

  #attemptFailed(attempt: InviteAttempt, termination: Termination): void {
    this.#attempts.delete(attempt);
    if (this.#over) return;
    if (this.#failure === undefined || rank(termination.status) < rank(this.#failure.status))
      this.#failure = termination;
    // a 6xx speaks for all phones of its owner
    if (termination.status >= 600) for (const other of [...this.#attempts]) other.cancel(undefined);
    if (this.#attempts.size === 0) this.#fail(this.#cancelled ? cancelled : this.#failure);
  }

  #failSoon(termination: Termination): void {
    queueMicrotask(() => this.#fail(termination));
  }

  #fail(termination: Termination): void {
    if (this.#over) return;
    this.#over = true;
    this.#ended();
    tell(this.#context, 'failed', () => this.#options.handlers.failed(termination));
  }
}

/** RFC 3261 section 16.7 step 6: 6xx first, then the lowest class; a busy phone says more than an absent one. */
function rank(status: number): number {
  if (status >= 600) return 0;
  if (status === 486) return 1;
  return status === 487 || status === 503 || status === 408 ? 1_000 + status : status;
}

/** To names the callee, without the parameters that only route the request (section 19.1.1, table 1). */
function toUri(uri: string): string {
  const parsed = parseUri(uri);
  if (!parsed || parsed.scheme === 'tel') return uri;
  const user = parsed.user === '' ? '' : `${escapeUser(parsed.user)}@`;
  return `${parsed.scheme}:${user}${parsed.host}${parsed.port === 0 ? '' : `:${parsed.port}`}`;
}
