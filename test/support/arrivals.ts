import { type MessageArrived, noEvidence, type ThreadEvidence } from '../../channels/message-channel.ts';
import { newId } from '../../server/kernel/ids.ts';
import type { HouseAddress, MessagesHouse } from './messages-house.ts';

type Rest = Partial<Omit<MessageArrived, 'thread'>> & { readonly thread?: Partial<ThreadEvidence> };

/** Messages that arrive at the addresses of a house; what differs is given. */
export function arrivalsOf(house: Pick<MessagesHouse, 'email' | 'sms' | 'chat' | 'clock'>) {
  const common = ({ accountId, value }: HouseAddress, text: string) => ({
    type: 'message.arrived' as const,
    sourceId: newId<string>(),
    accountId,
    at: house.clock.now(),
    direction: 'in' as const,
    to: [value],
    participants: [],
    subject: '',
    text,
    writtenText: text,
    html: null,
    attachments: [],
    raw: null,
    providerId: null,
    thread: noEvidence,
    nature: 'human' as const,
    mayAutoReply: true,
    facts: {},
  });
  return {
    letter(from: string, text: string, { thread, ...rest }: Rest = {}): MessageArrived {
      return {
        ...common(house.email, text),
        channel: 'email',
        from: { kind: 'email', value: from, displayName: '' },
        participants: [{ address: from, name: '', role: 'from' }],
        providerId: `<${newId<string>()}@there.example>`,
        ...rest,
        thread: { ...noEvidence, ...thread },
      };
    },
    sms(from: string, text: string, { thread: _, ...rest }: Rest = {}): MessageArrived {
      return {
        ...common(house.sms, text),
        channel: 'sms',
        from: { kind: 'phone', value: from, displayName: '' },
        ...rest,
      };
    },
    chat(visitor: string, text: string, { thread: _, ...rest }: Rest = {}): MessageArrived {
      return {
        ...common(house.chat, text),
        channel: 'chat',
        from: { kind: 'visitor', value: visitor, displayName: '' },
        ...rest,
      };
    },
  };
}
