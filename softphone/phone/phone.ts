import { claimPhone } from './leader.ts';
import { type OwnPhone, type OwnPhoneOptions, openOwnPhone } from './own-phone.ts';
import { isWorking, type PhoneView, phoneOff } from './phone-view.ts';
import type { SoundKind } from './ring-patterns.ts';
import type { SoundSettings } from './sound-settings.ts';
import { createTabChannel, type TabWire } from './tab-channel.ts';
import type { TabCommand, TabMessage } from './tab-messages.ts';

/** What every tab can do with the phone, be it the phone itself or a remote control of the tab that is. */
export interface Phone {
  /**
   * Sound on, microphone asked for; inside a click, in which a remote tab takes over a phone that does not work. Says
   * whether the phone can ring and be heard.
   * @param silently nobody has pressed anything: the phone stays in the tab where it is
   */
  unlock(silently?: 'silently'): Promise<boolean>;
  /** Answers now, or as soon as the INVITE of this interaction arrives. @throws PhoneTabSilent */
  answer(interactionId: string): Promise<void>;
  /** Ends the phone's leg without asking the server. @throws PhoneTabSilent */
  end(interactionId: string): Promise<void>;
  /** @throws PhoneTabSilent */
  setMuted(muted: boolean): Promise<void>;
  /** 0 in a remote tab: levels are not sent around. */
  micLevel(): number;
  configure(sound: SoundSettings): void;
  /** @throws PhoneTabSilent */
  playSample(kind: SoundKind): Promise<void>;
  close(): Promise<void>;
}

/** A tab that takes the phone over has it at once; longer means that it does not get it. */
const TAKE_OVER_MS = 1500;

/** After a reload the page that is being left may hold the phone for a moment, and a phone elsewhere must be heard of first. */
const SETTLE_MS = 1000;

/** Tabs with another way of showing the phone keep out of each other's way. */
const VIEW_VERSION = 1;

/** The agent's phone: one tab per browser is it, the others are remote controls of that one. */
export function createPhone(options: OwnPhoneOptions): Phone {
  let view = phoneOff;
  let own: OwnPhone | undefined;
  let sound = options.sound;
  let closed = false;
  const decided = Promise.withResolvers<void>();
  let owned = Promise.withResolvers<void>();
  /** The phone's tab has said how it is. */
  let told = Promise.withResolvers<void>();

  const channel = createTabChannel({
    wire: broadcastWire(`switchroom-phone:${VIEW_VERSION}:${options.aor}`),
    newId: () => crypto.randomUUID(),
    after(ms, expired) {
      const timer = setTimeout(expired, ms);
      return () => clearTimeout(timer);
    },
    onCommand: obey,
    onView(theirs) {
      show({ ...phoneOff, ...theirs, tab: 'remote' });
      told.resolve();
    },
    onHello: () => channel.tell(view),
  });
  const tab = claimPhone(options.aor, { onOwned: becomePhone, onWaiting: becomeRemote });

  function show(next: PhoneView): void {
    view = next;
    options.onChange(next);
  }

  function becomePhone(): void {
    if (closed) return;
    // the shift goes on: what worked in the tab before has to work in this one
    const goesOn = isWorking(view);
    channel.own(true);
    own = openOwnPhone({
      ...options,
      sound,
      onChange(next) {
        show(next);
        channel.tell(next);
      },
    });
    if (goesOn) void own.unlock();
    decided.resolve();
    owned.resolve();
  }

  function becomeRemote(): void {
    if (closed) return;
    const lost = own;
    own = undefined;
    owned = Promise.withResolvers();
    told = Promise.withResolvers();
    channel.own(false);
    // its own end is nobody's business any more: the other tab has registered
    lost?.close().catch(() => undefined);
    show({ ...phoneOff, tab: 'remote', connection: 'elsewhere' });
    channel.hello();
    decided.resolve();
  }

  async function obey(command: TabCommand): Promise<void> {
    switch (command.name) {
      case 'answer':
        return own?.answer(command.interactionId);
      case 'end':
        return own?.end(command.interactionId);
      case 'mute':
        return own?.setMuted(command.muted);
      case 'sample':
        return own?.playSample(command.sound);
    }
  }

  const run = (command: TabCommand): Promise<void> => (own === undefined ? channel.ask(command) : obey(command));

  async function takeOver(): Promise<boolean> {
    // a call stays where it is
    if (view.calls.length > 0) return false;
    tab.takeOver();
    await Promise.race([owned.promise, wait(TAKE_OVER_MS)]);
    return own?.unlock() ?? false;
  }

  return {
    async unlock(silently) {
      await decided.promise;
      if (own === undefined) await Promise.race([owned.promise, told.promise, wait(SETTLE_MS)]);
      if (own !== undefined) return own.unlock();
      if (isWorking(view)) return true;
      return silently === undefined ? takeOver() : false;
    },
    answer: (interactionId) => run({ name: 'answer', interactionId }),
    end: (interactionId) => run({ name: 'end', interactionId }),
    setMuted: (muted) => run({ name: 'mute', muted }),
    micLevel: () => own?.micLevel() ?? 0,
    configure(next) {
      sound = next;
      own?.configure(next);
    },
    playSample: (kind) => run({ name: 'sample', sound: kind }),
    async close() {
      if (closed) return;
      closed = true;
      await own?.close();
      tab.close();
      channel.close();
    },
  };
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function broadcastWire(name: string): TabWire {
  const broadcast = new BroadcastChannel(name);
  const wire: TabWire = {
    post: (message: TabMessage) => broadcast.postMessage(message),
    onMessage: undefined,
    close: () => broadcast.close(),
  };
  broadcast.onmessage = (event: MessageEvent<unknown>) => wire.onMessage?.(event.data);
  return wire;
}
