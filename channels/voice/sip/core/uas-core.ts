/** What happens to a request that a transaction was opened for: the UAS of RFC 3261 section 8.2. */
import type { DialogOwner } from '../dialog/dialog-table.ts';
import { IncomingCall } from '../dialog/incoming-invite.ts';
import { answerSessionExpires, minSessionLine } from '../dialog/session-timer.ts';
import { hasForeignBody } from '../message/bodies.ts';
import { addressUri } from '../message/headers.ts';
import { headerOf, type SipRequest } from '../message/message.ts';
import { newTag } from '../message/tokens.ts';
import { hasUriHeaders, parseUri } from '../message/uri.ts';
import { branchCookie } from '../message/via.ts';
import type { Registrar } from '../registrar/registrar.ts';
import type { IncomingInvite } from '../stack.ts';
import type { InviteServerTransaction } from '../transaction/invite-server.ts';
import type { ServerTransaction, TransactionUser } from '../transaction/layer.ts';
import type { Flow } from '../transport/flow.ts';
import { acceptLine, allExtensionsLine, allowLine, knownMethods, unsupportedExtensions } from './capabilities.ts';
import type { StackContext } from './context.ts';
import { respond } from './respond.ts';

export interface UasCoreOptions {
  readonly context: () => StackContext;
  readonly registrar: Registrar;
  readonly invited: (invite: IncomingInvite) => void;
}

interface Refusal {
  readonly status: number;
  readonly reason?: string;
  readonly headers?: string;
}

/** Checks of section 8.2 that do not depend on the method, in its order. Null when the request passes. */
function inspect(request: SipRequest): Refusal | null {
  if (!knownMethods.has(request.method)) return { status: 501, headers: allowLine };
  if (!parseUri(request.uri)) return { status: 416 };
  if (hasUriHeaders(request.uri)) return { status: 400, reason: 'Headers In Request-URI' };
  // a registrar and an OPTIONS target may answer the last hop (sections 10.3 and 11.2), so may every UAS; only a
  // request that we would send on must not go further, and a B2BUA sends INVITEs on
  if (request.method === 'INVITE' && Number(headerOf(request, 'max-forwards') ?? 70) === 0) return { status: 483 };
  const unsupported = unsupportedExtensions(request);
  return unsupported.length === 0 ? null : { status: 420, headers: `Unsupported: ${unsupported.join(', ')}\r\n` };
}

/** Section 8.2.3 and 8.1.1.8, for INVITE. */
function inspectInvite(request: SipRequest): Refusal | null {
  const encoding = headerOf(request, 'content-encoding')?.toLowerCase();
  if (encoding && encoding !== 'identity') return { status: 415, headers: 'Accept-Encoding: identity\r\n' };
  if (hasForeignBody(request)) return { status: 415, headers: acceptLine };
  const contact = headerOf(request, 'contact');
  // RFC 2543 knew INVITEs without Contact; their From is where the dialog goes
  if (contact === undefined && !request.via.branch.startsWith(branchCookie)) return null;
  const uri = addressUri(contact ?? '');
  return uri !== null && parseUri(uri) ? null : { status: 400, reason: 'Bad Contact' };
}

export function createUasCore({ context, registrar, invited }: UasCoreOptions): TransactionUser {
  const refuse = (request: SipRequest, transaction: ServerTransaction, refusal: Refusal): void =>
    respond(context(), { request, transaction, ...refusal, localTag: newTag() });

  /** The owner of a request inside a dialog; answers 481 itself when there is none. */
  const ownerOf = (request: SipRequest, transaction: ServerTransaction): DialogOwner | undefined => {
    const owner = context().dialogs.get(request.toTag);
    if (!owner) refuse(request, transaction, { status: 481 });
    return owner;
  };

  const openCall = (request: SipRequest, transaction: InviteServerTransaction, flow: Flow): void => {
    const requestUri = parseUri(request.uri);
    const session = answerSessionExpires(request);
    if (!requestUri) refuse(request, transaction, { status: 416 });
    else if (session.kind === 'too small') refuse(request, transaction, { status: 422, headers: minSessionLine });
    else {
      const { log } = context();
      const call = new IncomingCall({ context: context(), request, requestUri, transaction, flow, session });
      try {
        invited(call);
      } catch (error) {
        log.error({ err: error, sipCallId: request.callId }, 'SIP INVITE handler failed');
        call.reject(500);
      }
    }
  };

  const answerOutside = (request: SipRequest, transaction: ServerTransaction, flow: Flow): void => {
    switch (request.method) {
      case 'REGISTER':
        refuse(request, transaction, registrar.register(request, flow));
        return;
      case 'OPTIONS':
        refuse(request, transaction, { status: 200, headers: allowLine + allExtensionsLine + acceptLine });
        return;
      case 'BYE':
      case 'INFO':
      case 'PRACK':
      case 'UPDATE':
        refuse(request, transaction, { status: 481 });
        return;
      default:
        refuse(request, transaction, { status: 405, headers: allowLine });
    }
  };

  return {
    invite(request, transaction, flow) {
      if (request.toTag !== '') {
        ownerOf(request, transaction)?.receive(request, transaction, flow);
        return;
      }
      const refusal = inspect(request) ?? inspectInvite(request);
      if (refusal) refuse(request, transaction, refusal);
      else openCall(request, transaction, flow);
    },
    request(request, transaction, flow) {
      if (request.toTag !== '') {
        ownerOf(request, transaction)?.receive(request, transaction, flow);
        return;
      }
      const refusal = inspect(request);
      if (refusal) refuse(request, transaction, refusal);
      else answerOutside(request, transaction, flow);
    },
    ack: (request) => context().dialogs.get(request.toTag)?.acknowledge(request),
  };
}
