import type { MessageChannelName } from '../../contract/messages-words.ts';
import type { Clock, TimerHandle } from '../../kernel/clock.ts';
import type { ClientId, UserId } from '../../kernel/ids.ts';

/** Who saved a draft within this time is writing. */
const writingMs = 10_000;

/** Who is writing to whom, in memory. */
export interface Writing {
  /** @param channel null = he no longer is */
  note(userId: UserId, clientId: ClientId, channel: MessageChannelName | null): void;
  of(clientId: ClientId): readonly { readonly userId: UserId; readonly channel: MessageChannelName }[];
  /** Idempotent. */
  close(): void;
}

/** @param onChanged somebody began to write to this client on this channel, or no longer does */
export function createWriting(
  clock: Clock,
  onChanged: (clientId: ClientId, channel: MessageChannelName) => void,
): Writing {
  const writers = new Map<ClientId, Map<UserId, { channel: MessageChannelName; end: TimerHandle }>>();

  function stop(userId: UserId, clientId: ClientId): void {
    const ofClient = writers.get(clientId);
    const known = ofClient?.get(userId);
    if (!ofClient || !known) return;
    known.end.cancel();
    ofClient.delete(userId);
    if (ofClient.size === 0) writers.delete(clientId);
    onChanged(clientId, known.channel);
  }

  return {
    note(userId, clientId, channel) {
      const known = writers.get(clientId)?.get(userId);
      if (known && known.channel !== channel) stop(userId, clientId);
      if (channel === null) return;
      const isNew = known?.channel !== channel;
      known?.end.cancel();
      const ofClient = writers.get(clientId) ?? new Map();
      writers.set(clientId, ofClient);
      ofClient.set(userId, { channel, end: clock.after(writingMs, () => stop(userId, clientId)) });
      if (isNew) onChanged(clientId, channel);
    },
    of: (clientId) => [...(writers.get(clientId) ?? [])].map(([userId, { channel }]) => ({ userId, channel })),
    close() {
      for (const ofClient of writers.values()) for (const { end } of ofClient.values()) end.cancel();
      writers.clear();
    },
  };
}
