import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  createIceRegistry,
  type IceAgent,
  newCredentials,
} from '../../../../../../channels/voice/media/embedded/ice/registry.ts';
import { bindingRequest, parseStun, stunTypes } from '../../../../../../channels/voice/media/embedded/ice/stun.ts';
import { limits } from '../../../../../../channels/voice/media/limits.ts';

const silent: IceAgent = { checked: () => {}, received: () => {} };

function check(ufrag: string, password: string, useCandidate = false): Buffer {
  return bindingRequest({ transactionId: randomBytes(12), username: `${ufrag}:peer`, password, useCandidate });
}

describe('the ICE registry', () => {
  it('answers a valid check and knows its address from then on', () => {
    const registry = createIceRegistry();
    const credentials = newCredentials();
    const seen: unknown[] = [];
    const agent: IceAgent = { ...silent, checked: (...all) => seen.push(all) };
    registry.add(credentials, agent);
    expect(registry.agentAt('192.0.2.1', 5000)).toBeUndefined();
    const answer = registry.check(check(credentials.ufrag, credentials.pwd, true), '192.0.2.1', 5000);
    expect(answer && parseStun(answer)?.type).toBe(stunTypes.bindingSuccess);
    expect(seen).toEqual([['192.0.2.1', 5000, true, credentials.ufrag]]);
    expect(registry.agentAt('192.0.2.1', 5000)).toBe(agent);
    expect(registry.agentAt('192.0.2.1', 5001)).toBeUndefined();
  });

  it('says nothing to strangers', () => {
    const registry = createIceRegistry();
    const credentials = newCredentials();
    registry.add(credentials, silent);
    expect(registry.check(check('nobody', credentials.pwd), '192.0.2.1', 5000)).toBeNull();
    expect(registry.check(check(credentials.ufrag, 'x'.repeat(24)), '192.0.2.1', 5000)).toBeNull();
    expect(registry.check(Buffer.from('00'), '192.0.2.1', 5000)).toBeNull();
    expect(registry.agentAt('192.0.2.1', 5000)).toBeUndefined();
  });

  it('forgets a leg with everything that led to it', () => {
    const registry = createIceRegistry();
    const credentials = newCredentials();
    registry.add(credentials, silent);
    registry.check(check(credentials.ufrag, credentials.pwd), '192.0.2.1', 5000);
    registry.remove(silent);
    expect(registry.agentAt('192.0.2.1', 5000)).toBeUndefined();
    expect(registry.check(check(credentials.ufrag, credentials.pwd), '192.0.2.1', 5000)).toBeNull();
  });

  it('keeps no more addresses of a leg than its limit, the newest ones', () => {
    const registry = createIceRegistry();
    const credentials = newCredentials();
    registry.add(credentials, silent);
    for (let i = 0; i <= limits.iceAddressesPerLeg; i++) {
      registry.check(check(credentials.ufrag, credentials.pwd), '192.0.2.1', 5000 + i);
    }
    expect(registry.agentAt('192.0.2.1', 5000)).toBeUndefined();
    expect(registry.agentAt('192.0.2.1', 5000 + limits.iceAddressesPerLeg)).toBe(silent);
  });

  it('gives an address to the leg that proved it last', () => {
    const registry = createIceRegistry();
    const [first, second] = [newCredentials(), newCredentials()];
    const other: IceAgent = { ...silent };
    registry.add(first, silent);
    registry.add(second, other);
    registry.check(check(first.ufrag, first.pwd), '192.0.2.1', 5000);
    registry.check(check(second.ufrag, second.pwd), '192.0.2.1', 5000);
    registry.remove(silent);
    expect(registry.agentAt('192.0.2.1', 5000)).toBe(other);
  });
});
