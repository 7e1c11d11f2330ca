import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  draftOf,
  editDraft,
  forgetDraft,
  loadDrafts,
  prepareDraft,
  resetDrafts,
  useMessageDrafts,
} from '../../../softphone/state/message-drafts.ts';

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  answer(status: number, body?: unknown): void;
  breakOff(): void;
}

const asked: Asked[] = [];
const last = (): Asked => {
  const request = asked.at(-1);
  if (request === undefined) throw new Error('nothing was asked');
  return request;
};
const stateOf = (key: string) => useMessageDrafts.getState().drafts[key]?.state;
/** Lets everything run that follows from an answer. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);
const SAVE_MS = 700;
const RETRY_MS = 4000;

beforeEach(() => {
  vi.useFakeTimers();
  asked.length = 0;
  vi.stubGlobal('fetch', (path: string, init: { method: string; body?: string }) => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    asked.push({
      method: init.method,
      path,
      body: init.body === undefined ? undefined : JSON.parse(init.body),
      answer: (status, body = { ok: true }) => resolve({ ok: status < 400, status, json: async () => body }),
      breakOff: () => reject(new TypeError('network')),
    });
    return promise;
  });
});
afterEach(() => {
  resetDrafts();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('drafts', () => {
  it('are saved once for many letters, when the typing rests', async () => {
    for (const text of ['П', 'Пр', 'Привет']) editDraft(7, 'sms', { text });
    expect(stateOf('7/sms')).toBe('unsaved');
    await vi.advanceTimersByTimeAsync(SAVE_MS);
    expect(asked).toHaveLength(1);
    expect(last()).toMatchObject({ method: 'PUT', path: '/api/v1/clients/7/drafts/sms', body: { text: 'Привет' } });
    expect(stateOf('7/sms')).toBe('saving');
    last().answer(200);
    await settle();
    expect(stateOf('7/sms')).toBe('saved');
  });

  it('typed on while they are saved are not called saved', async () => {
    editDraft(7, 'sms', { text: 'а' });
    await vi.advanceTimersByTimeAsync(SAVE_MS);
    editDraft(7, 'sms', { text: 'аб' });
    last().answer(200);
    await settle();
    expect(stateOf('7/sms')).toBe('unsaved');
    await vi.advanceTimersByTimeAsync(SAVE_MS);
    expect(last().body).toMatchObject({ text: 'аб' });
  });

  it('are tried again after a break, and stay on the screen', async () => {
    editDraft(7, 'email', { text: 'Письмо' });
    await vi.advanceTimersByTimeAsync(SAVE_MS);
    last().breakOff();
    await settle();
    expect(stateOf('7/email')).toBe('unsaved');
    expect(draftOf(7, 'email').text).toBe('Письмо');
    await vi.advanceTimersByTimeAsync(RETRY_MS);
    expect(asked).toHaveLength(2);
  });

  it('that were emptied are thrown away on the server', async () => {
    editDraft(7, 'sms', { text: 'а' });
    editDraft(7, 'sms', { text: '' });
    await vi.advanceTimersByTimeAsync(SAVE_MS);
    expect(last()).toMatchObject({ method: 'DELETE', path: '/api/v1/clients/7/drafts/sms' });
  });

  it('that were sent are not brought back by a save on its way', async () => {
    editDraft(7, 'sms', { text: 'Отправлено' });
    await vi.advanceTimersByTimeAsync(SAVE_MS);
    const saving = last();
    forgetDraft(7, 'sms');
    await settle();
    expect(asked).toHaveLength(1);
    saving.answer(200);
    await settle();
    expect(last().method).toBe('DELETE');
    expect(draftOf(7, 'sms').text).toBe('');
  });

  it('come from the server once, and never over what is being typed', async () => {
    editDraft(7, 'sms', { text: 'моё' });
    const loading = loadDrafts(7);
    last().answer(200, {
      items: [
        { channel: 'sms', draft: { text: 'старое' }, updatedAt: '2026-03-10T12:00:00Z' },
        { channel: 'note', draft: { text: 'заметка' }, updatedAt: '2026-03-10T12:00:00Z' },
      ],
      attachments: [],
    });
    await loading;
    await loadDrafts(7);
    expect(asked).toHaveLength(1);
    expect(draftOf(7, 'sms').text).toBe('моё');
    expect(draftOf(7, 'note').text).toBe('заметка');
    expect(stateOf('7/note')).toBe('saved');
  });

  it('that are only prepared tell nobody that somebody writes', async () => {
    prepareDraft(7, 'email', { subject: 'Re: Договор', mode: 'reply' });
    await vi.advanceTimersByTimeAsync(SAVE_MS + RETRY_MS);
    expect(asked).toEqual([]);
    expect(draftOf(7, 'email').subject).toBe('Re: Договор');
  });
});
