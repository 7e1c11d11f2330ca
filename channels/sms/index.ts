/** What this room offers: two kinds of account for short messages, and the check of what is entered for them. */
export {
  checkSmppSecrets,
  checkSmppSettings,
  checkTwilioSecrets,
  checkTwilioSettings,
  type TwilioSettings,
} from './settings.ts';
export { createSmppChannel } from './smpp/channel.ts';
export { createTwilioChannel, type TwilioChannelOptions } from './twilio/channel.ts';
