import type { Page } from 'playwright-core';

interface Scope {
  document: { hidden?: boolean; dispatchEvent(event: unknown): void };
  Notification: new (text: string, options: object) => EventTarget;
  Event: typeof Event;
  shownNotifications?: string[];
}

/** A tab at which nobody looks. */
export interface HiddenTab {
  /** Texts of the desktop notifications that the browser has really shown since, oldest first. */
  shown(): Promise<readonly string[]>;
  /** Somebody looks again. */
  reveal(): Promise<void>;
}

/** Makes the tab say that it is hidden, as headless Chromium has no second window to hide it behind, and allows notifications. */
export async function hideTab(page: Page): Promise<HiddenTab> {
  const { origin } = new URL(page.url());
  await page.context().grantPermissions(['microphone', 'notifications'], { origin });
  await page.evaluate(() => {
    const scope = globalThis as unknown as Scope;
    Object.defineProperty(scope.document, 'hidden', { configurable: true, get: () => true });
    const shown: string[] = [];
    scope.shownNotifications = shown;
    scope.Notification = class extends scope.Notification {
      constructor(text: string, options: object) {
        super(text, options);
        this.addEventListener('show', () => shown.push(text));
      }
    };
    scope.document.dispatchEvent(new scope.Event('visibilitychange'));
  });
  return {
    shown: () => page.evaluate(() => (globalThis as unknown as Scope).shownNotifications ?? []),
    reveal: () =>
      page.evaluate(() => {
        const { document, Event } = globalThis as unknown as Scope;
        // the browser's own answer again
        delete document.hidden;
        document.dispatchEvent(new Event('visibilitychange'));
      }),
  };
}
