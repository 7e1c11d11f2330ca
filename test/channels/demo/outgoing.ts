import { randomUUID } from 'node:crypto';
import type { OutgoingMessage } from '../../../channels/message-channel.ts';
import type { MessageId } from '../../../server/kernel/ids.ts';

/** A message of the house, of which a test says what matters to it. */
export const outgoing = (change: Partial<OutgoingMessage>): OutgoingMessage => ({
  id: randomUUID() as MessageId,
  conversationId: randomUUID(),
  attempt: 1,
  from: { address: 'shop@demo.example', name: 'Магазин' },
  to: [{ address: 'ivan@example.com', name: 'Иван' }],
  cc: [],
  subject: 'Ваш заказ',
  text: 'Заказ готов',
  html: null,
  attachments: [],
  references: [],
  nature: 'person',
  unsubscribeUrl: null,
  createdAt: Date.UTC(2026, 0, 12, 9),
  partsDone: {},
  ...change,
});
