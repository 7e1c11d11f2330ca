import { describe, expect, it } from 'vitest';
import {
  mostUrgent,
  newsOf,
  waitingFor,
  withCardConversation,
  withConversation,
  withWaitingSnapshot,
} from '../../../softphone/state/conversation-list.ts';
import { workItems } from '../../../softphone/workspace/work-items.ts';
import { colleague, conversation, me, stateWith, task } from '../samples.ts';

const first = conversation();
const second = conversation({ id: 'second', dueAt: '2026-03-10T12:05:00Z' });
const late = conversation({ id: 'third', dueAt: null });

describe('conversations that wait for me', () => {
  it('come by the time left, those without a time last', () => {
    const held = withWaitingSnapshot({}, [late, first, second]);
    expect(waitingFor(held, me.id).map(({ id }) => id)).toEqual(['second', first.id, 'third']);
  });

  it('go when they are answered, closed or somebody else’s', () => {
    const held = withWaitingSnapshot({}, [first]);
    for (const change of [{ state: 'answered' }, { state: 'closed' }, { owner: colleague }] as const) {
      expect(waitingFor(withConversation(held, { ...first, version: 2, ...change }), me.id)).toEqual([]);
    }
  });

  it('are not overtaken by an older version, from a push or a snapshot', () => {
    const held = withConversation({}, { ...first, version: 5, preview: 'new' });
    expect(withConversation(held, { ...first, version: 4 })).toBe(held);
    expect(withWaitingSnapshot(held, [{ ...first, version: 4 }])[first.id]?.preview).toBe('new');
  });

  it('take who is writing in the same version', () => {
    const held = withConversation({}, first);
    expect(withConversation(held, { ...first, writing: [colleague] })[first.id]?.writing).toEqual([colleague]);
  });

  it('are gone when the snapshot does not have them', () => {
    expect(withWaitingSnapshot({ [first.id]: first }, [second])).toEqual({ second });
  });

  it('that came while no push came through are news, the most urgent of them', () => {
    const unread = { ...first, unread: 1 };
    const news = (held: Parameters<typeof newsOf>[0], ...fetched: (typeof first)[]) => newsOf(held, fetched, me.id)?.id;
    expect(news({}, { ...late, unread: 1 }, { ...second, unread: 1 })).toBe('second');
    expect(news({ [first.id]: unread }, unread)).toBeUndefined();
    expect(news({ [first.id]: unread }, { ...first, unread: 2 })).toBe(first.id);
    // answered by me, or a colleague's before: it is new to me
    expect(news({ [first.id]: { ...unread, state: 'answered' } }, unread)).toBe(first.id);
    expect(news({ [first.id]: { ...unread, owner: colleague } }, unread)).toBe(first.id);
    expect(news({}, { ...first, unread: 0 }, { ...second, unread: 1, owner: colleague })).toBeUndefined();
  });

  it('stand between calls and people we owe, and lead to the conversation on the card', () => {
    const items = workItems(stateWith(), { conversations: [first], tasks: [task()] });
    expect(items.map(({ section }) => section)).toEqual(['waiting', 'later']);
    expect(items[0]?.path).toBe(`/clients/7/conversations/${first.id}`);
  });
});

describe('conversations of a card', () => {
  it('are replaced in place, new ones come on top, older versions change nothing', () => {
    const list = [first, second];
    expect(withCardConversation(list, { ...second, version: 2 }).map(({ version }) => version)).toEqual([1, 2]);
    expect(withCardConversation(list, late).map(({ id }) => id)).toEqual(['third', first.id, 'second']);
    expect(withCardConversation([{ ...first, version: 3 }], first)[0]?.version).toBe(3);
  });

  it('have one that is most urgent: who waits before what is answered, closed ones never', () => {
    const answered = conversation({ id: 'answered', state: 'answered', lastMessageAt: '2026-03-11T00:00:00Z' });
    const closed = conversation({ id: 'closed', state: 'closed' });
    expect(mostUrgent([closed, answered, first, second])?.id).toBe('second');
    expect(mostUrgent([closed, answered])?.id).toBe('answered');
    expect(mostUrgent([closed])).toBeUndefined();
  });
});
