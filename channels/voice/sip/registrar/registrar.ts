/** REGISTER (RFC 3261 section 10.3) with Path (RFC 3327) and client-initiated connections (RFC 5626). */

import type { Clock } from '../../../../server/kernel/clock.ts';
import type { DigestServer } from '../auth/digest-server.ts';
import { isGuest } from '../guest.ts';
import { limits } from '../limits.ts';
import { headerLine } from '../message/build.ts';
import { deltaSeconds, parseAddress } from '../message/headers.ts';
import { parameterOf } from '../message/lists.ts';
import { hasToken, headerLinesOf, headerOf, listOf, type SipRequest } from '../message/message.ts';
import { parseUri } from '../message/uri.ts';
import type { Flow } from '../transport/flow.ts';
import type { Binding, Bindings } from './bindings.ts';

export interface RegistrarOptions {
  readonly clock: Clock;
  readonly bindings: Bindings;
  readonly digest: DigestServer;
  /** A wrong password or user from there. */
  readonly refused: (flow: Flow) => void;
}

/** The response to a REGISTER. */
export interface RegisterAnswer {
  readonly status: number;
  readonly reason?: string;
  readonly headers?: string;
}

export interface Registrar {
  register(request: SipRequest, flow: Flow): RegisterAnswer;
}

interface RequestedBinding {
  readonly uri: string;
  readonly key: string;
  readonly seconds: number;
  readonly instance: string;
  readonly regId: string;
}

/** Scheme, user, host, port and transport: what RFC 3261 section 19.1.4 compares, as far as it tells places apart. */
function contactKey(uri: string): string | null {
  const parsed = parseUri(uri);
  if (!parsed || parsed.scheme === 'tel') return null;
  const transport = parsed.parameters.get('transport')?.toLowerCase() ?? '';
  return `${parsed.scheme}:${parsed.user}@${parsed.host}:${parsed.port};${transport}`;
}

export function createRegistrar({ clock, bindings, digest, refused }: RegistrarOptions): Registrar {
  /** Null when the request may change the AOR, otherwise how to refuse it. */
  const authorize = (request: SipRequest, flow: Flow, aor: string): RegisterAnswer | null => {
    if (isGuest(flow.identity)) return { status: 403 };
    if (flow.identity !== undefined) return flow.identity === aor ? null : { status: 403 };
    const verdict = digest.verify(headerLinesOf(request, 'authorization'), 'REGISTER', request.uri);
    if (verdict.kind === 'accepted') return verdict.username === aor ? null : { status: 403 };
    if (verdict.kind !== 'wrong') return { status: 401, headers: digest.challenge(verdict.kind === 'stale') };
    refused(flow);
    return { status: 403 };
  };

  const apply = (request: SipRequest, flow: Flow, aor: string, wanted: readonly RequestedBinding[]): RegisterAnswer => {
    let next = bindings.of(aor);
    const path = listOf(request, 'path');
    for (const { uri, key, seconds, instance, regId } of wanted) {
      const known = next.find((binding) => isSamePlace(binding, { key, instance, regId }));
      if (known && isOutOfOrder(known, request)) return { status: 500, reason: 'CSeq Out Of Order' };
      next = next.filter((binding) => binding !== known);
      if (seconds === 0) continue;
      const expiresAt = clock.now() + seconds * 1000;
      const { callId, cseq } = request;
      next = [...next, { aor, contactUri: uri, key, flow, expiresAt, callId, cseq, instance, regId, path }];
    }
    if (next.length > 0 && bindings.of(aor).length === 0 && bindings.aors >= limits.aors) return { status: 503 };
    // the newest stay: the others are most likely remains of connections that nobody closed
    bindings.replace(aor, next.slice(-limits.bindingsPerAor));
    return accepted(request, aor);
  };

  const removeAll = (request: SipRequest, aor: string): RegisterAnswer => {
    if (bindings.of(aor).some((binding) => isOutOfOrder(binding, request))) return { status: 500 };
    bindings.replace(aor, []);
    return accepted(request, aor);
  };

  const accepted = (request: SipRequest, aor: string): RegisterAnswer => {
    const now = clock.now();
    const current = bindings.of(aor);
    let headers = current.map((binding) => contactOf(binding, now)).join('');
    for (const value of headerLinesOf(request, 'path')) headers += headerLine('Path', value);
    const outbound = current.some(({ regId }) => regId !== '') && hasToken(request, 'supported', 'outbound');
    if (outbound) headers += 'Require: outbound\r\n';
    return { status: 200, headers: `${headers}Date: ${new Date(now).toUTCString()}\r\n` };
  };

  return {
    register(request, flow) {
      const to = parseUri(parseAddress(headerOf(request, 'to') ?? '')?.uri ?? '');
      if (!to) return { status: 400, reason: 'Bad To' };
      if (to.user === '') return { status: 404 };
      const refusal = authorize(request, flow, to.user);
      if (refusal) return refusal;
      const values = listOf(request, 'contact');
      if (values.includes('*')) {
        const allowed = values.length === 1 && deltaSeconds(headerOf(request, 'expires')) === 0;
        return allowed ? removeAll(request, to.user) : { status: 400, reason: 'Bad Contact' };
      }
      const wanted = requestedBindings(request, values);
      return Array.isArray(wanted) ? apply(request, flow, to.user, wanted) : wanted;
    },
  };
}

function requestedBindings(request: SipRequest, values: readonly string[]): RequestedBinding[] | RegisterAnswer {
  const byDefault = deltaSeconds(headerOf(request, 'expires'));
  const wanted: RequestedBinding[] = [];
  for (const value of values) {
    const address = parseAddress(value);
    const key = address && contactKey(address.uri);
    if (!address || !key) return { status: 400, reason: 'Bad Contact' };
    const at = address.parametersAt;
    // an unreadable value counts as not given (RFC 3261 section 10.2.1.1)
    const asked = deltaSeconds(parameterOf(value, 'expires', at)) ?? byDefault ?? limits.defaultExpiresSeconds;
    if (asked > 0 && asked < limits.minExpiresSeconds) {
      return { status: 423, headers: headerLine('Min-Expires', limits.minExpiresSeconds) };
    }
    wanted.push({
      uri: address.uri,
      key,
      seconds: Math.min(asked, limits.maxExpiresSeconds),
      instance: parameterOf(value, '+sip.instance', at) ?? '',
      regId: parameterOf(value, 'reg-id', at) ?? '',
    });
  }
  return wanted;
}

/** RFC 5626 section 6: a device is known by its instance and flow id, whatever its address. */
function isSamePlace(binding: Binding, wanted: Pick<Binding, 'key' | 'instance' | 'regId'>): boolean {
  if (wanted.instance !== '' && wanted.regId !== '') {
    return binding.instance === wanted.instance && binding.regId === wanted.regId;
  }
  return binding.key === wanted.key;
}

/** RFC 3261 section 10.3 step 7. */
const isOutOfOrder = (binding: Binding, request: SipRequest): boolean =>
  binding.callId === request.callId && request.cseq <= binding.cseq;

function contactOf(binding: Binding, now: number): string {
  const seconds = Math.max(0, Math.round((binding.expiresAt - now) / 1000));
  const instance = binding.instance === '' ? '' : `;+sip.instance="${binding.instance.replace(/[\\"]/g, '\\$&')}"`;
  const regId = binding.regId === '' ? '' : `;reg-id=${binding.regId}`;
  return headerLine('Contact', `<${binding.contactUri}>;expires=${seconds}${instance}${regId}`);
}
