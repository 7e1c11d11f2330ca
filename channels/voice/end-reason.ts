import type { LegEndReason } from '../channel.ts';
import type { Termination } from './sip/stack.ts';

/** Q.850 causes that say more than the SIP status they came with (RFC 3398 section 8.2.6.1). */
const byCause: Readonly<Record<number, LegEndReason>> = {
  1: 'invalid_number',
  17: 'busy',
  18: 'no_answer',
  19: 'no_answer',
  20: 'unreachable',
  21: 'rejected',
  22: 'invalid_number',
  26: 'answered_elsewhere',
  27: 'unreachable',
  28: 'invalid_number',
  34: 'congestion',
  38: 'congestion',
  41: 'congestion',
  42: 'congestion',
};

const byStatus: Readonly<Record<number, LegEndReason>> = {
  200: 'hung_up',
  403: 'rejected',
  404: 'invalid_number',
  408: 'no_answer',
  410: 'invalid_number',
  480: 'no_answer',
  484: 'invalid_number',
  486: 'busy',
  487: 'cancelled',
  488: 'failed',
  502: 'congestion',
  503: 'congestion',
  504: 'congestion',
  600: 'busy',
  603: 'rejected',
  604: 'invalid_number',
  607: 'rejected',
};

/** A leg's end in words of the field. */
export function endReason(termination: Termination): LegEndReason {
  if (termination.by === 'transport' && termination.status !== 408) return 'unreachable';
  if (termination.status >= 300) {
    const precise = termination.q850 === undefined ? undefined : byCause[termination.q850];
    if (precise) return precise;
  }
  return byStatus[termination.status] ?? (termination.status >= 500 ? 'congestion' : 'failed');
}

/** SIP status that tells a caller why he is refused or dropped (also the Reason header of a CANCEL or BYE). */
export const statusOfReason: Readonly<Record<LegEndReason, { status: number; text: string }>> = {
  hung_up: { status: 200, text: 'Normal call clearing' },
  cancelled: { status: 487, text: 'Request Terminated' },
  busy: { status: 486, text: 'Busy Here' },
  no_answer: { status: 480, text: 'Temporarily Unavailable' },
  rejected: { status: 603, text: 'Decline' },
  invalid_number: { status: 404, text: 'Not Found' },
  congestion: { status: 503, text: 'Service Unavailable' },
  unreachable: { status: 480, text: 'Temporarily Unavailable' },
  answered_elsewhere: { status: 200, text: 'Call completed elsewhere' },
  media_lost: { status: 408, text: 'Media lost' },
  failed: { status: 500, text: 'Server Internal Error' },
};
