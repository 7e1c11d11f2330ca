import type { ApiClient } from '../../demo/actors/api-client.ts';
import { until } from '../../demo/actors/within.ts';
import type { Output } from '../../server/contract/api.ts';

export type OutsideMessage = Output<'GET /api/v1/demo/messages'>['items'][number];

export interface Letter {
  readonly name?: string;
  readonly subject?: string;
  readonly answersId?: string;
  /** The same twice is one message. */
  readonly id?: string;
}

/** Clients of the demo with their phones and mailboxes. */
export interface OutsideWorld {
  sms(number: string, text: string, more?: Letter): Promise<void>;
  mail(address: string, text: string, more?: Letter): Promise<void>;
  /** What we wrote, as it lies in a client's phone or mailbox, oldest first. */
  inbox(kind: 'sms' | 'email', owner: string): Promise<OutsideMessage[]>;
  /** The message of ours with this text in it, when it lies there. */
  arrived(kind: 'sms' | 'email', owner: string, text: string): Promise<OutsideMessage>;
}

/** @param api anybody: the demo's routes are public */
export function outsideWorld(api: ApiClient): OutsideWorld {
  const write = async (kind: 'sms' | 'email', owner: string, text: string, letter: Letter): Promise<void> => {
    const { id, name = '', subject = '', answersId = null } = letter;
    await api.call('POST /api/v1/demo/messages', {
      body: { kind, owner, name, subject, text, answersId, ...(id === undefined ? {} : { id }) },
    });
  };
  const world: OutsideWorld = {
    sms: (number, text, more = {}) => write('sms', number, text, more),
    mail: (address, text, more = {}) => write('email', address, text, more),
    async inbox(kind, owner) {
      const { items } = await api.call('GET /api/v1/demo/messages', { querystring: { kind, owner } });
      return items.filter(({ direction }) => direction === 'in');
    },
    arrived: (kind, owner, text) =>
      until(
        async () => (await world.inbox(kind, owner)).find((message) => message.text.includes(text)),
        15_000,
        `"${text}" in the ${kind} of ${owner}`,
      ),
  };
  return world;
}

/** A visitor of the site with the demo's chat. */
export interface Visitor {
  say(text: string): Promise<void>;
  /** What was said so far, by both sides. Whoever reads has received it. */
  lines(): Promise<readonly { readonly by: string; readonly text: string }[]>;
}

export async function openVisitor(url: string, api: ApiClient): Promise<Visitor> {
  const { chatScript } = await api.call('GET /api/v1/demo');
  if (chatScript === null) throw new Error('the demo has no chat');
  const door = `${url}${chatScript.replace('widget.js', '')}`;
  const post = async (name: string, body: object): Promise<Record<string, unknown>> => {
    const answer = await fetch(door + name, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${name}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Record<string, unknown>;
  };
  const { token } = await post('hello', {});
  return {
    say: async (text) => void (await post('say', { token, id: crypto.randomUUID(), text })),
    async lines() {
      // the first line of ours or his is there already: it answers at once
      return (await post('listen', { token, after: 0 }))['lines'] as { by: string; text: string }[];
    },
  };
}
