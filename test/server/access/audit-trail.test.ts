import { describe, expect, it } from 'vitest';
import { auditCalls } from '../../../server/access/audit-calls.ts';
import { createAuditTrail } from '../../../server/access/audit-trail.ts';
import { limits } from '../../../server/access/limits.ts';
import { createFakeClock } from '../../../server/kernel/clock.ts';
import type { ClientId, InteractionId, UserId } from '../../../server/kernel/ids.ts';
import { silentLog } from '../../../server/kernel/log.ts';

const anna = 1 as UserId;
const card = 7 as ClientId;
const look = { userId: anna, action: 'client.viewed', subject: 'client:7', clientId: card } as const;

/** A trail whose database is a list; `away` makes it fail. */
function openTrail() {
  const clock = createFakeClock();
  const written: { subject: string; times: number; allowed: boolean; userId: number | null }[][] = [];
  const state = { away: false };
  const trail = createAuditTrail({
    clock,
    log: silentLog,
    db: {
      async run({ values }) {
        if (state.away) throw new Error('away');
        const [at, userId, , subject, , allowed, times] = values as unknown[][];
        written.push(
          (at ?? []).map((_, index) => ({
            subject: String(subject?.[index]),
            times: Number(times?.[index]),
            allowed: Boolean(allowed?.[index]),
            userId: userId?.[index] as number | null,
          })),
        );
        return [];
      },
    },
  });
  /** Moves the clock, and lets what fell due be done. */
  async function pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= limits.auditFlushMs) {
      clock.advance(Math.min(left, limits.auditFlushMs));
      await new Promise(setImmediate);
    }
  }
  return { trail, clock, written, state, pass };
}

describe('looks', () => {
  it('are written together, a moment later', async () => {
    const { trail, written, pass } = openTrail();
    trail.note(look);
    trail.note({ ...look, subject: 'client:8' });
    expect(written).toEqual([]);
    await pass(limits.auditFlushMs);
    expect(written.map((lines) => lines.map(({ subject }) => subject))).toEqual([['client:7', 'client:8']]);
  });

  it('of one person at one card within a minute are one line and a count', async () => {
    const { trail, written, pass } = openTrail();
    for (let n = 0; n < 5; n++) trail.note(look);
    await pass(limits.auditFlushMs);
    trail.note(look);
    await pass(limits.auditRepeatMs);
    expect(written.flat().map(({ times }) => times)).toEqual([1, 5]);
    trail.note(look);
    await pass(limits.auditFlushMs);
    expect(written.flat()).toHaveLength(3);
  });

  it('that were refused, or were somebody else’s, are lines of their own', async () => {
    const { trail, written, pass } = openTrail();
    trail.note(look);
    trail.note({ ...look, allowed: false });
    trail.note({ ...look, userId: 2 as UserId });
    trail.note({ ...look, action: 'client.shown' });
    await pass(limits.auditFlushMs);
    expect(written.flat().map(({ userId, allowed }) => [userId, allowed])).toEqual([
      [1, true],
      [1, false],
      [2, true],
      [1, true],
    ]);
  });

  it('are all written when the process ends, with their counts', async () => {
    const { trail, written } = openTrail();
    trail.note(look);
    trail.note(look);
    trail.note(look);
    await trail.close();
    expect(written.flat().map(({ times }) => times)).toEqual([1, 2]);
    await trail.close();
    expect(written.flat()).toHaveLength(2);
  });
});

describe('a database that is away', () => {
  it('gets the lines in their order when it is back', async () => {
    const { trail, written, state, pass } = openTrail();
    state.away = true;
    trail.note(look);
    await pass(2 * limits.auditFlushMs);
    trail.note({ ...look, subject: 'client:8' });
    expect(written).toEqual([]);
    state.away = false;
    await pass(2 * limits.auditFlushMs);
    expect(written.flat().map(({ subject }) => subject)).toEqual(['client:7', 'client:8']);
  });

  it('costs no more memory than there is room, and what was lost is told', async () => {
    const { trail, written, state, pass } = openTrail();
    state.away = true;
    for (let n = 0; n < limits.auditLinesWaiting + 3; n++) trail.note({ ...look, subject: `client:${n}` });
    await pass(limits.auditFlushMs);
    state.away = false;
    await pass(2 * limits.auditFlushMs);
    const lines = written.flat();
    expect(lines).toHaveLength(limits.auditLinesWaiting + 1);
    expect(lines.filter(({ subject }) => subject === 'audit')).toHaveLength(1);
  });
});

describe('calls', () => {
  const interactionId = '0191d8a0-0000-7000-8000-000000000001' as InteractionId;
  const heard = (type: string, userId: UserId | undefined) => {
    const lines: { action: string; subject: string; clientId?: number }[] = [];
    void auditCalls({ note: (line) => void lines.push(line) })({ seq: 1, type, userId, clientId: card, interactionId });
    return lines;
  };

  it.each([
    ['offer.made', 'client.shown', 'client:7'],
    ['interaction.opened', 'client.shown', 'client:7'],
    ['interaction.listened', 'call.listened', `interaction:${interactionId}`],
  ])('%s is a line %s', (type, action, subject) => {
    expect(heard(type, anna)).toMatchObject([{ action, subject, clientId: card, userId: anna }]);
  });

  it('that come in show nobody anything, nor do other events', () => {
    expect(heard('interaction.opened', undefined)).toEqual([]);
    expect(heard('interaction.answered', anna)).toEqual([]);
  });
});
