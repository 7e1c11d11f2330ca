import { launchBrowser, type TestBrowser } from './browser.ts';

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
