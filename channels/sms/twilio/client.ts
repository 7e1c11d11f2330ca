/** The official SDK, loaded when the first account of this kind starts: it costs most of a second and 20 MB. */
import type twilio from 'twilio';
import type RequestClient from 'twilio/lib/base/RequestClient.js';
import { limits } from '../limits.ts';
import type { TwilioSecrets, TwilioSettings } from '../settings.ts';

export type TwilioSdk = typeof twilio;
export type TwilioClient = twilio.Twilio;

export const loadTwilio = async (): Promise<TwilioSdk> => (await import('twilio')).default;

type Answer<T> = ReturnType<typeof RequestClient.prototype.request<T>>;

/** The SDK has no setting for another address (`region` and `edge` only rename hosts of twilio.com): its HTTP client is told. */
const moved = <T>(request: RequestClient.RequestOptions<T>, apiBase: string | undefined): typeof request => ({
  ...request,
  uri: rebased(request.uri, apiBase),
});

/** An address of the API where the setting has the API. */
export function rebased(written: string, apiBase: string | undefined): string {
  if (apiBase === undefined) return written;
  const { protocol, host } = new URL(apiBase);
  const url = new URL(written);
  return `${protocol}//${host}${url.pathname}${url.search}`;
}

export function createTwilioClient(sdk: TwilioSdk, settings: TwilioSettings, secrets: TwilioSecrets): TwilioClient {
  class RebasedClient extends sdk.RequestClient {
    override request<T>(request: RequestClient.RequestOptions<T>): Answer<T> {
      return super.request(moved(request, settings.apiBase));
    }
  }
  const httpClient = new RebasedClient({
    timeout: limits.twilioRequestMs,
    // every attempt is written down before it is made: the SDK must not make more
    autoRetry: false,
    maxSockets: limits.twilioConcurrency,
  });
  return sdk(settings.accountSid, secrets.authToken, { httpClient });
}
