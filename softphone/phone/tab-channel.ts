import { readTabMessage, type TabCommand, type TabMessage } from './tab-messages.ts';

/** The wire between tabs, as BroadcastChannel is: what is posted reaches all others, never oneself. */
export interface TabWire {
  post(message: TabMessage): void;
  onMessage: ((message: unknown) => void) | undefined;
  close(): void;
}

export interface TabChannelOptions {
  readonly wire: TabWire;
  /** A name nobody else gives; of requests. */
  readonly newId: () => string;
  /** Runs `expired` after so many ms unless the returned function is called. */
  readonly after: (ms: number, expired: () => void) => () => void;
  /** Does what another tab asks of this one, which is the phone. */
  readonly onCommand: (command: TabCommand) => Promise<void>;
  /** The phone's state, from the tab that is it. */
  readonly onView: (view: object) => void;
  /** Another tab wants to know the state. */
  readonly onHello: () => void;
}

export interface TabChannel {
  /** This tab is the phone now, or no longer: only the phone does what is asked. */
  own(isOwner: boolean): void;
  hello(): void;
  tell(view: object): void;
  /** Asks the phone's tab. @throws PhoneTabSilent when it does not answer, or too much is being asked */
  ask(command: TabCommand): Promise<void>;
  close(): void;
}

/** No tab does what was asked: the one with the phone hangs, is being closed, or could not do it. */
export class PhoneTabSilent extends Error {
  constructor() {
    super('the tab with the phone does not answer');
    this.name = 'PhoneTabSilent';
  }
}

/** Longer than the phone needs for anything, and than it takes for another tab to become the phone. */
export const ANSWER_TIMEOUT_MS = 3000;
/** Nobody presses so fast: more waiting requests than this are a loop. */
export const MAX_WAITING = 32;

/** Requests and answers between the tabs of one browser. */
export function createTabChannel(options: TabChannelOptions): TabChannel {
  const { wire } = options;
  const waiting = new Map<string, (done: boolean) => void>();
  let owner = false;

  async function obey(id: string, command: TabCommand): Promise<void> {
    const done = await options.onCommand(command).then(
      () => true,
      () => false,
    );
    wire.post({ type: 'answer', id, done });
  }

  wire.onMessage = (raw) => {
    const message = readTabMessage(raw);
    if (message === undefined) return;
    if (message.type === 'answer') waiting.get(message.id)?.(message.done);
    else if (message.type === 'hello') {
      if (owner) options.onHello();
    } else if (message.type === 'view') {
      if (!owner) options.onView(message.view);
    } else if (owner) void obey(message.id, message.command);
  };

  return {
    own(isOwner) {
      owner = isOwner;
    },
    hello: () => wire.post({ type: 'hello' }),
    tell: (view) => wire.post({ type: 'view', view }),
    ask(command) {
      if (waiting.size >= MAX_WAITING) return Promise.reject(new PhoneTabSilent());
      const id = options.newId();
      return new Promise((resolve, reject) => {
        const settle = (done: boolean): void => {
          waiting.delete(id);
          cancel();
          if (done) resolve();
          else reject(new PhoneTabSilent());
        };
        const cancel = options.after(ANSWER_TIMEOUT_MS, () => settle(false));
        waiting.set(id, settle);
        wire.post({ type: 'request', id, command });
      });
    },
    close() {
      for (const settle of waiting.values()) settle(false);
      wire.onMessage = undefined;
      wire.close();
    },
  };
}
