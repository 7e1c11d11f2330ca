const KEY = 'switchroom.muted-call';

/**
 * Remembers in this browser which call is muted: after a reload, or when another tab becomes the phone, the call is put
 * through again, and nobody may be heard who had switched his microphone off.
 */
export function keepMute(interactionId: string | null): void {
  if (interactionId === null) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, interactionId);
}

/** Whether this call was muted before it was put through again. */
export const wasMuted = (interactionId: string): boolean => localStorage.getItem(KEY) === interactionId;
