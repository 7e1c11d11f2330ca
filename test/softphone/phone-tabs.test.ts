import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../server/kernel/clock.ts';
import {
  ANSWER_TIMEOUT_MS,
  createTabChannel,
  MAX_WAITING,
  PhoneTabSilent,
  type TabWire,
} from '../../softphone/phone/tab-channel.ts';
import { readTabMessage, type TabCommand } from '../../softphone/phone/tab-messages.ts';

/** Tabs of one browser: what one posts, all others get, copied as browsers copy it. */
function openBrowser() {
  const wires = new Set<TabWire>();
  const clock = createFakeClock();
  let ids = 0;
  function openTab(onCommand: (command: TabCommand) => Promise<void> = async () => undefined) {
    const wire: TabWire = {
      onMessage: undefined,
      post(message) {
        for (const other of wires) if (other !== wire) other.onMessage?.(structuredClone(message));
      },
      close: () => void wires.delete(wire),
    };
    wires.add(wire);
    const asked: TabCommand[] = [];
    const views: object[] = [];
    let greeted = 0;
    const channel = createTabChannel({
      wire,
      newId: () => `request-${ids++}`,
      after(ms, expired) {
        const timer = clock.after(ms, expired);
        return () => timer.cancel();
      },
      onCommand(command) {
        asked.push(command);
        return onCommand(command);
      },
      onView: (view) => void views.push(view),
      onHello: () => {
        greeted += 1;
      },
    });
    return { ...channel, asked, views, greeted: () => greeted };
  }
  return { openTab, clock, wires };
}

const mute: TabCommand = { name: 'mute', muted: true };

describe('a remote tab', () => {
  it('has its command done by the tab that is the phone, and by no other', async () => {
    const { openTab } = openBrowser();
    const [phone, remote, third] = [openTab(), openTab(), openTab()];
    phone.own(true);
    await remote.ask({ name: 'answer', interactionId: 'i1' });
    expect(phone.asked).toEqual([{ name: 'answer', interactionId: 'i1' }]);
    expect(third.asked).toEqual([]);
  });

  it('is told when the phone could not do it', async () => {
    const { openTab } = openBrowser();
    const phone = openTab(() => Promise.reject(new Error('no such call')));
    const remote = openTab();
    phone.own(true);
    await expect(remote.ask(mute)).rejects.toThrow(PhoneTabSilent);
  });

  it('is told when no tab is the phone, after a while and not before', async () => {
    const { openTab, clock } = openBrowser();
    const remote = openTab();
    openTab();
    let failed = false;
    const asking = remote.ask(mute).catch((error: unknown) => {
      failed = error instanceof PhoneTabSilent;
    });
    clock.advance(ANSWER_TIMEOUT_MS - 1);
    await Promise.resolve();
    expect(failed).toBe(false);
    clock.advance(1);
    await asking;
    expect(failed).toBe(true);
  });

  it('asks a bounded number of things at a time, and again once they are answered', async () => {
    const { openTab, clock } = openBrowser();
    const remote = openTab();
    const asked = Array.from({ length: MAX_WAITING }, () => remote.ask(mute).catch(() => 'silent'));
    await expect(remote.ask(mute)).rejects.toThrow(PhoneTabSilent);
    clock.advance(ANSWER_TIMEOUT_MS);
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['silent']));
    const phone = openTab();
    phone.own(true);
    await remote.ask(mute);
  });

  it('asks the new phone after the phone has moved to another tab', async () => {
    const { openTab } = openBrowser();
    const [old, remote, next] = [openTab(), openTab(), openTab()];
    old.own(true);
    old.close();
    next.own(true);
    await remote.ask(mute);
    expect([old.asked, next.asked]).toEqual([[], [mute]]);
  });

  it('leaves nobody waiting when it is closed', async () => {
    const { openTab, wires } = openBrowser();
    const remote = openTab();
    const asking = remote.ask(mute);
    remote.close();
    await expect(asking).rejects.toThrow(PhoneTabSilent);
    expect(wires.size).toBe(0);
  });

  it('hears the state of the phone, and asks for it', () => {
    const { openTab } = openBrowser();
    const [phone, remote, third] = [openTab(), openTab(), openTab()];
    phone.own(true);
    remote.hello();
    expect([phone.greeted(), third.greeted()]).toEqual([1, 0]);
    phone.tell({ muted: true });
    expect(remote.views).toEqual([{ muted: true }]);
    // the phone itself believes nobody else
    third.tell({ muted: false });
    expect(phone.views).toEqual([]);
  });
});

describe('a message of another tab', () => {
  it.each<unknown>([
    undefined,
    null,
    'hello',
    {},
    { type: 'other' },
    { type: 'view' },
    { type: 'view', view: 'x' },
    { type: 'answer', id: 'a' },
    { type: 'answer', id: 'x'.repeat(101), done: true },
    { type: 'request', id: 'a' },
    { type: 'request', id: 'a', command: { name: 'format' } },
    { type: 'request', id: 'a', command: { name: 'answer' } },
    { type: 'request', id: 'a', command: { name: 'end', interactionId: 'x'.repeat(101) } },
    { type: 'request', id: '', command: { name: 'mute', muted: true } },
    { type: 'request', id: 'a', command: { name: 'mute', muted: 'yes' } },
    { type: 'request', id: 'a', command: { name: 'sample', sound: 'siren' } },
  ])('%j is none', (message) => {
    expect(readTabMessage(message)).toBeUndefined();
  });

  it.each<TabCommand>([
    { name: 'answer', interactionId: 'i' },
    { name: 'end', interactionId: 'i' },
    mute,
    { name: 'sample', sound: 'task' },
  ])('%j is one', (command) => {
    expect(readTabMessage({ type: 'request', id: 'a', command, more: 1 })).toEqual({
      type: 'request',
      id: 'a',
      command,
    });
  });
});
