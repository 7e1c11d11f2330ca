import type { SetupKind } from '../contract/setup-words.ts';

/** How many of a kind there may be; versions of them are unbounded. */
export const maxOfKind: Readonly<Record<SetupKind, number>> = {
  company: 1,
  user: 5_000,
  team: 500,
  trunk: 100,
  line: 2_000,
  queue: 500,
  disposition: 300,
  presence_reason: 100,
  holiday: 1_000,
  work_schedule: 5_000,
  sound: 300,
  channel_account: 200,
  message_template: 2_000,
  inbound_rule: 500,
  message_settings: 1,
};

/** Bounds of what people can make this room do. Durations are milliseconds unless the name says otherwise. */
export const limits = {
  /** Longest span of `GET /api/v1/setup/shifts`. */
  shiftsMs: 62 * 24 * 60 * 60_000,
  /** Holes that the checklist names. */
  holesShown: 100,
  /** An uploaded sound file. */
  soundBytes: 20 * 1024 * 1024,
  /** A sound as it is played: 8 kHz, 16 bit. */
  soundMs: 20 * 60_000,
  /** A setting that could not be read again after a change is read again so much later. */
  reloadAgainMs: 1_000,
  /** Within this time a consent that was asked for must come back; so many are waited for at once, the oldest are forgotten. */
  consentMs: 10 * 60_000,
  consents: 100,
} as const;
