import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { ApiClient } from '../../demo/actors/api-client.ts';
import { launchBrowser, type TestBrowser } from './browser.ts';
import { startTestServer, type TestServer } from './server.ts';
import { signInOn } from './talking-browser.ts';

/** A house with its administration open in a browser, and its administrator's programmatic twin. */
export interface AdminPage {
  readonly server: TestServer;
  readonly browser: TestBrowser;
  readonly page: Page;
  readonly admin: ApiClient;
  /** What broke in the page's own code; whoever asks empties it before. */
  readonly errors: string[];
  /** The address of a section: `/people/1`. */
  at(path: string): string;
  byId(id: string): Locator;
  /** Goes to a section, and waits until the administration is there. */
  open(path: string): Promise<void>;
  /** Saves, and waits until it is said that it was. */
  save(): Promise<void>;
  close(): Promise<void>;
}

export async function openAdminPage(): Promise<AdminPage> {
  const server = await startTestServer();
  const admin = await server.signIn('admin');
  const browser = await launchBrowser({ microphone: 440 });
  const { page } = browser;
  const errors: string[] = [];
  const at = (path: string): string => `${server.url}/admin${path}`;
  const byId = (id: string): Locator => page.getByTestId(id);
  await page.setViewportSize({ width: 1280, height: 720 });
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(at(''));
  await signInOn(page, { login: 'admin', password: 'switchroom' });
  return {
    server,
    browser,
    page,
    admin,
    errors,
    at,
    byId,
    async open(path) {
      await page.goto(at(path));
      await byId('nav-start').waitFor();
    },
    async save() {
      await byId('save').click();
      await expect.poll(() => byId('save').isDisabled()).toBe(true);
      await byId('undo').waitFor();
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}
