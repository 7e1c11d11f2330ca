import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ChatStand, chatStand, uuid } from '../channels/chat/chat-stand.ts';
import { launchBrowser, type TestBrowser } from '../support/browser.ts';

const siteHtml = `<!doctype html><html lang="en"><title>Shop</title><label>Street <input id="street"></label>
  <script src="/channels/7/widget.js" async></script></html>`;

let stand: ChatStand;
let server: Server;
let browser: TestBrowser;
let address: string;
/** Greetings that came, and what keeps them from being answered. */
let greetings: number;
let mayGreet: Promise<void>;

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const name = /^\/channels\/7\/([^?]+)/.exec(request.url ?? '')?.[1];
    if (name === undefined) {
      response.setHeader('content-type', 'text/html');
      return response.end(siteHtml);
    }
    const body = await bodyOf(request);
    if (name === 'hello') {
      greetings++;
      await mayGreet;
    }
    const left = new AbortController();
    response.once('close', () => left.abort());
    const headers = { host: request.headers.host, origin: request.headers.origin };
    const { method = '', url = '' } = request;
    const answer = await stand.chat.webhooks?.[name]?.({ method, url, headers, body, signal: left.signal });
    return response.writeHead(answer?.status ?? 404, { 'content-type': answer?.type }).end(answer?.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  browser = await launchBrowser({ microphone: 440 });
});
afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

beforeEach(async () => {
  stand = await chatStand();
  greetings = 0;
  mayGreet = Promise.resolve();
  await browser.page.goto(address);
  await browser.page.evaluate(() => localStorage.clear());
  await browser.page.reload();
});

const write = async (text: string): Promise<void> => {
  await browser.page.getByLabel('Your message').fill(text);
  await browser.page.getByRole('button', { name: 'Send' }).click();
};
const answerWith = (text: string) => {
  const [event] = stand.events;
  if (event?.channel !== 'chat' || event.type !== 'message.arrived') throw new Error('nobody wrote');
  return stand.send({ id: uuid(), to: event.from.value, text });
};
const window = () => browser.page.getByRole('dialog');

test('who writes before the greeting is answered is one visitor, and hears the answer', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  mayGreet = promise;
  await browser.page.getByRole('button', { name: 'Write to us' }).click();
  await write('Is it in stock?');
  resolve();
  await expect.poll(() => stand.events.length).toBe(1);
  await answerWith('Yes, it is.');
  await browser.page.getByRole('log').getByText('Yes, it is.').waitFor();
  expect(greetings).toBe(1);
});

test('an answer opens the window once, and takes the focus from nobody', async () => {
  const { page } = browser;
  await page.getByRole('button', { name: 'Write to us' }).click();
  await write('Is it in stock?');
  await expect.poll(() => stand.events.length).toBe(1);
  await page.getByRole('button', { name: 'Close' }).click();
  await page.locator('#street').fill('Main Stre');
  await answerWith('Yes, it is.');
  await window().waitFor();
  expect(await page.locator('#street:focus').count()).toBe(1);
  // it was read: the next page of the site is not covered by it
  await page.getByRole('button', { name: 'Close' }).click();
  await page.reload();
  await expect.poll(() => page.getByText('Yes, it is.').count()).toBe(1);
  expect(await window().isVisible()).toBe(false);
});
