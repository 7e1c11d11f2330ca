/** What this room offers: two kinds of account for short messages, and the check of what is entered for them. */

export type { SmsAccount, SmsChannelOptions } from './options.ts';
export {
  type Checked,
  checkSmppSecrets,
  checkSmppSettings,
  checkTwilioSecrets,
  checkTwilioSettings,
  type SmppSecrets,
  type SmppSettings,
  type TwilioSecrets,
  type TwilioSettings,
} from './settings.ts';
export { createSmppChannel, type SmppChannelOptions } from './smpp/channel.ts';
export { createTwilioChannel, type TwilioChannelOptions } from './twilio/channel.ts';
