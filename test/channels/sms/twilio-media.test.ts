import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { limits } from '../../../channels/sms/limits.ts';
import { fetchMedia } from '../../../channels/sms/twilio/media.ts';
import { silentLog } from '../../../server/kernel/log.ts';
import { startTwilioPeer, type TwilioPeer, twilioAccount } from '../../support/twilio-peer.ts';

let peer: TwilioPeer;
beforeEach(async () => {
  peer = await startTwilioPeer();
});
afterEach(() => peer.close());

const folder = `/2010-04-01/Accounts/${twilioAccount.accountSid}/Messages/MM1/Media`;
const path = (name: string): string => `${folder}/${name}`;
const at = (name: string): string => `https://api.twilio.com${path(name)}`;
const put = (name: string, bytes: Uint8Array): void => void peer.media.set(path(name), { type: 'image/png', bytes });

/** A webhook that names these addresses, all of them pictures. */
const form = (...urls: readonly string[]) => ({
  NumMedia: String(urls.length),
  ...Object.fromEntries(urls.map((url, index) => [`MediaUrl${index}`, url])),
  ...Object.fromEntries(urls.map((_url, index) => [`MediaContentType${index}`, 'image/jpeg'])),
});
const settings = () => ({ accountSid: twilioAccount.accountSid, apiBase: peer.base });
const fetched = (urls: readonly string[], more: { signal?: AbortSignal; authToken?: string } = {}) => {
  const { signal = new AbortController().signal, authToken = twilioAccount.authToken } = more;
  const account = { settings: settings(), secrets: { authToken } };
  return fetchMedia(form(...urls), { account, log: silentLog, signal });
};

it('pictures come with the message; the token is shown to the API alone', async () => {
  const [first, second] = [randomBytes(20_000), randomBytes(10)];
  put('ME1', first);
  put('ME2', second);
  const { attachments, facts } = await fetched([at('ME1'), at('ME2')]);
  expect(attachments).toEqual([
    { name: 'mms-1.jpg', type: 'image/jpeg', bytes: first, contentId: null, isInline: false },
    { name: 'mms-2.jpg', type: 'image/jpeg', bytes: second, contentId: null, isInline: false },
  ]);
  expect(facts).toEqual({});
  expect(peer.toldToken).toBe(false);
});

it('what cannot be had is named, and keeps nothing else back', async () => {
  put('ME1', randomBytes(10));
  put('empty', new Uint8Array());
  const { attachments, facts } = await fetched([at('gone'), at('ME1'), at('empty')]);
  expect(attachments.map(({ name }) => name)).toEqual(['mms-2.jpg']);
  expect(facts).toEqual({ media0: `image/jpeg ${at('gone')}`, media2: `image/jpeg ${at('empty')}` });
  expect((await fetched([at('ME1')], { authToken: 'wrong' })).attachments).toEqual([]);
});

it.each([
  'https://twilio.com.evil.example/2010-04-01/Accounts/AC/Media/1',
  `http://api.twilio.com${folder}/ME1`,
  'https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000002/Media/1',
  'https://169.254.169.254/latest/meta-data',
  'file:///etc/passwd',
  'nonsense',
])('nothing is asked of %s', async (url) => {
  put('ME1', randomBytes(10));
  expect(await fetched([url])).toEqual({ attachments: [], facts: { media0: `image/jpeg ${url}` } });
  expect(peer.requests).toBe(0);
});

it('one picture, and all of a message, have a largest size', async () => {
  put('huge', Buffer.alloc(limits.mediaBytes + 1));
  put('large', Buffer.alloc(limits.mediaBytes));
  expect((await fetched([at('huge')])).attachments).toEqual([]);
  const { attachments, facts } = await fetched([at('large'), at('large'), at('large')]);
  expect(attachments.length).toBeLessThanOrEqual(2);
  expect(attachments.length + Object.keys(facts).length).toBe(3);
});

it('so many are looked at, whatever is named', async () => {
  put('ME1', randomBytes(10));
  const urls = Array.from({ length: limits.media + 5 }, () => at('ME1'));
  expect((await fetched(urls)).attachments).toHaveLength(limits.media);
});

it('one that does not come is given up with the webhook', async () => {
  peer.hanging.add(path('late'));
  const ending = new AbortController();
  const fetching = fetched([at('late')], { signal: ending.signal });
  // at the API, and at the place of the bytes
  await vi.waitFor(() => expect(peer.requests).toBe(2));
  ending.abort();
  expect(await fetching).toEqual({ attachments: [], facts: { media0: `image/jpeg ${at('late')}` } });
});
