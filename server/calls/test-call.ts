import type { LegEvent } from '../../channels/channel.ts';
import type { SignedInUser } from '../access/route.ts';
import { AppError } from '../kernel/errors.ts';
import { type CallId, type LegId, newId } from '../kernel/ids.ts';
import type { CallsContext } from './context.ts';

export interface TestCallResult {
  /** His phone answered and his sound reached us; what he says comes back to him as an echo meanwhile. */
  readonly passed: boolean;
  readonly reason: 'ok' | 'no_answer' | 'no_sound';
}

/** Test calls belong to no client: their legs are told to whoever made them. */
export type TestCalls = Map<CallId, (event: LegEvent) => void>;

const answerMs = 15_000;
/** Long enough to say a word and hear it. */
const echoMs = 5_000;
/** Half of what that time brings at 50 packets a second. */
const enoughPackets = 125;

/**
 * Calls the phone of whoever asks, echoes his voice to him, and says whether sound came from it.
 * @throws AppError `no_phone` when none is registered
 */
export async function testCall(context: CallsContext, calls: TestCalls, user: SignedInUser): Promise<TestCallResult> {
  const { voice, clock } = context;
  if (voice.phoneKind(user.login) === null) throw new AppError('no_phone', 'no phone of yours is registered');
  const callId = newId<CallId>();
  const legId = newId<LegId>();
  const answered = new Promise<boolean>((resolve) => {
    calls.set(callId, (event) => {
      if (event.type === 'answered') resolve(true);
      if (event.type === 'ended') resolve(false);
    });
    clock.after(answerMs, () => resolve(false));
  });
  try {
    const headers = { 'X-Switchroom-Answer': 'auto', 'X-Switchroom-Role': 'test' };
    voice.ringAgent({ callId, legId, aor: user.login, caller: { displayName: 'Test', number: '' }, headers });
    if (!(await answered)) return { passed: false, reason: 'no_answer' };
    voice.listen(callId, legId, [legId]);
    await new Promise<void>((resolve) => clock.after(echoMs, resolve));
    const packets = (await voice.received(callId, legId)) ?? 0;
    return packets >= enoughPackets ? { passed: true, reason: 'ok' } : { passed: false, reason: 'no_sound' };
  } finally {
    calls.delete(callId);
    voice.release(callId);
  }
}
