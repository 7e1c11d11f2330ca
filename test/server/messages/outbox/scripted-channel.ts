import type {
  AccountHealth,
  ChannelCapabilities,
  LookUpResult,
  MessageChannel,
  OutgoingMessage,
  SendResult,
} from '../../../../channels/message-channel.ts';
import type { MessageChannelName } from '../../../../server/contract/messages-words.ts';
import type { AccountId } from '../../../../server/kernel/ids.ts';

export const trouble = (text: string) => ({ kind: 'temporary', code: '', text }) as const;

/** A provider that does what the test says, and remembers what it has taken. */
export interface ScriptedChannel extends MessageChannel {
  /** What the provider has, in the order in which it took it. */
  readonly taken: OutgoingMessage[];
  /** Attempts that have begun. */
  readonly begun: number;
  /** How the next attempts go; by default everything is taken. */
  script(play: (message: OutgoingMessage, signal: AbortSignal) => Promise<SendResult> | SendResult): void;
  /** Takes a message as a working provider does. */
  take(message: OutgoingMessage): SendResult;
  setHealth(state: AccountHealth['state']): void;
}

export function createScriptedChannel(
  accountId: AccountId,
  channel: MessageChannelName,
  { parts = 1, ...changes }: Partial<ChannelCapabilities> & { parts?: number } = {},
): ScriptedChannel {
  const taken: OutgoingMessage[] = [];
  const capabilities: ChannelCapabilities = {
    maxText: 1000,
    maxAttachmentBytes: 0,
    subject: channel === 'email',
    html: channel === 'email',
    canInitiate: true,
    settles: 'lookup',
    rate: { perSecond: 1000, concurrency: 10 },
    ...changes,
  };
  const idsOf = (id: string): string[] => Array.from({ length: parts }, (_, part) => `p-${id}-${part}`);
  const take = (message: OutgoingMessage): SendResult => {
    taken.push(message);
    return { kind: 'accepted', providerId: idsOf(message.id)[0] ?? '', parts: idsOf(message.id) };
  };
  let play: (message: OutgoingMessage, signal: AbortSignal) => Promise<SendResult> | SendResult = take;
  let begun = 0;
  let state: AccountHealth['state'] = 'up';
  const lookUp = async ({ id }: OutgoingMessage): Promise<LookUpResult> =>
    taken.some((message) => message.id === id)
      ? { kind: 'found', providerId: idsOf(id)[0] ?? '', parts: idsOf(id) }
      : { kind: 'absent' };
  return {
    name: 'scripted',
    channel,
    accountId,
    capabilities,
    taken,
    take,
    script: (next) => {
      play = next;
    },
    setHealth: (next) => {
      state = next;
    },
    health: () => ({ state, since: 0, problem: '', catchUp: null }),
    start: async () => undefined,
    close: async () => undefined,
    get begun() {
      return begun;
    },
    async send(message, signal) {
      begun++;
      return play(message, signal);
    },
    ...(capabilities.settles === 'lookup' ? { lookUp } : {}),
  };
}
