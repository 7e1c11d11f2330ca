import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from 'playwright-core';
import { launchBrowser, type TestBrowser, tonesInBrowser } from './browser.ts';
import { demoPassword } from './demo-company.ts';

/**
 * A browser whose microphone is not improved: to noise suppression a steady tone is noise, and it takes it away within
 * seconds.
 */
export async function openTalkingBrowser(microphone: number, url: string): Promise<TestBrowser> {
  const browser = await launchBrowser({ microphone });
  await browser.context.addInitScript(() => {
    interface Media {
      getUserMedia(constraints: { audio?: unknown }): Promise<unknown>;
    }
    const media = (globalThis as unknown as { navigator: { mediaDevices?: Media } }).navigator.mediaDevices;
    if (!media) return;
    const take = media.getUserMedia.bind(media);
    media.getUserMedia = (constraints) =>
      take({
        ...constraints,
        audio: {
          ...(constraints.audio as object),
          echoCancellation: false,
          noiseSuppression: false,
          autoGainControl: false,
        },
      });
  });
  await browser.page.goto(url);
  return browser;
}

/** Somebody at his desk in a browser of his own, with his phone registered. */
export interface Workplace extends TestBrowser {
  byId(id: string): Locator;
  /** The strip of the call in hand, while it is in this state. */
  strip(state: string): Locator;
  /** Which of the tones he hears; none while no call is connected. */
  hears(candidates: readonly number[], seconds?: number): Promise<(number | string)[]>;
}

export interface WorkplaceOptions {
  readonly url: string;
  readonly login: string;
  /** The demo's when absent. */
  readonly password?: string;
  /** What he says, Hz. */
  readonly tone: number;
  /** Signs in and starts with a pause. */
  readonly paused?: boolean;
}

/** Signs somebody in and starts his shift, as he would: by the screen. */
export async function openWorkplace({ url, tone, ...who }: WorkplaceOptions): Promise<Workplace> {
  const browser = await openTalkingBrowser(tone, url);
  const { page } = browser;
  await page.setViewportSize({ width: 1280, height: 720 });
  await signInOn(page, who);
  await page.getByTestId(who.paused === true ? 'start-shift-paused' : 'start-shift').click();
  await page.locator('[data-testid="phone-state"][data-registered="true"]').waitFor();
  await page.getByTestId('start-shift').waitFor({ state: 'detached' });
  return {
    ...browser,
    byId: (id) => page.getByTestId(id),
    strip: (state) => page.locator(`[data-testid="contact-strip"][data-state="${state}"]`),
    // a call that is being put through is silence
    hears: (candidates, seconds) => tonesInBrowser(page, candidates, seconds).catch(() => []),
  };
}

/** Fills in the form that anybody sees first. */
export async function signInOn(page: Page, { login, password }: { login: string; password?: string }): Promise<void> {
  await page.getByTestId('login').fill(login);
  await page.getByTestId('password').fill(password ?? demoPassword);
  await page.getByTestId('sign-in').click();
  await page.getByTestId('user-menu').waitFor();
}

/**
 * Waits until nothing fades or slides any more, but for what moves for ever and bars that count down: half a colour has
 * half its contrast. A window that was just opened begins to fade in some frames later, and until then nothing moves.
 */
export const stillness = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    interface Moving {
      readonly effect: { getComputedTiming(): { endTime: number } } | null;
      readonly finished: Promise<unknown>;
      readonly transitionProperty?: string;
    }
    const { document, requestAnimationFrame } = globalThis as unknown as {
      document: { getAnimations(): Moving[] };
      requestAnimationFrame(then: () => void): void;
    };
    const ending = (): Moving[] =>
      document
        .getAnimations()
        .filter(({ transitionProperty }) => transitionProperty !== 'width')
        .filter(({ effect }) => Number.isFinite(effect?.getComputedTiming().endTime));
    for (let still = 0; still < 6; still++) {
      await new Promise<void>((drawn) => requestAnimationFrame(drawn));
      const moving = ending();
      if (moving.length === 0) continue;
      await Promise.allSettled(moving.map(({ finished }) => finished));
      still = -1;
    }
  });

/** What axe finds that keeps somebody from working. */
export async function seriousFaults(page: Page): Promise<string[]> {
  await stillness(page);
  // the other mode puts frames together on a page of its own, which takes longer than all rules: none, nothing to put together
  const isOnePage = page.frames().length === 1;
  const axe = new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).setLegacyMode(isOnePage);
  const { violations } = await axe.analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
}

/** A picture for people who look at the screens, when SCREENSHOTS names a folder. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS'];
  if (!folder) return;
  await stillness(page);
  await page.screenshot({ path: `${folder}/${name}.png` });
}
