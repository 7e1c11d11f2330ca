import { describe, expect, it } from 'vitest';
import {
  checkSmppSecrets,
  checkSmppSettings,
  checkTwilioSecrets,
  checkTwilioSettings,
} from '../../../channels/sms/index.ts';

const errorsOf = (checked: { ok: boolean; errors?: string[] }): string[] => checked.errors ?? [];

describe('settings of an SMPP account', () => {
  it('need a host and a port; the rest has defaults', () => {
    expect(checkSmppSettings({ host: ' smsc.example ', port: 2775 })).toEqual({
      ok: true,
      value: {
        host: 'smsc.example',
        port: 2775,
        tls: false,
        systemType: '',
        bind: 'transceiver',
        window: 10,
        perSecond: 30,
        longMessages: 'udh',
      },
    });
  });
  it('name everything that is wrong', () => {
    const errors = errorsOf(
      checkSmppSettings({
        port: 70_000,
        tls: 'yes',
        window: 0,
        longMessages: 'sar',
        systemType: 'x'.repeat(13),
        senderTon: 9,
      }),
    );
    expect(errors).toEqual([
      'host is missing.',
      'port must be a whole number from 1 to 65535.',
      'tls must be true or false.',
      'systemType has more than 12 characters.',
      'window must be a whole number from 1 to 1000.',
      'longMessages must be one of udh, payload.',
      'senderTon must be a whole number from 0 to 6.',
    ]);
  });
  it('may be anything without an exception', () => {
    for (const input of [null, undefined, 1, 'x', [], { host: {} }]) expect(checkSmppSettings(input).ok).toBe(false);
  });
  it('secrets have the lengths of the bind', () => {
    expect(checkSmppSecrets({ systemId: 'esme', password: 'secret08' }).ok).toBe(true);
    expect(errorsOf(checkSmppSecrets({ systemId: '', password: '123456789' }))).toEqual([
      'systemId is empty.',
      'password has more than 8 characters.',
    ]);
  });
});

describe('settings of a Twilio account', () => {
  const accountSid = `AC${'0'.repeat(32)}`;
  it('need an account', () => {
    expect(checkTwilioSettings({ accountSid })).toEqual({ ok: true, value: { accountSid } });
    expect(errorsOf(checkTwilioSettings({}))).toEqual(['accountSid must be AC and 32 hexadecimal digits.']);
  });
  it('may name a Messaging Service and another address of the API', () => {
    const more = { accountSid, messagingServiceSid: `MG${'1'.repeat(32)}`, apiBase: 'http://127.0.0.1:1' };
    expect(checkTwilioSettings(more)).toEqual({ ok: true, value: more });
    expect(errorsOf(checkTwilioSettings({ ...more, messagingServiceSid: 'MG', apiBase: 'ftp://x' }))).toHaveLength(2);
    expect(checkTwilioSettings({ accountSid, messagingServiceSid: '' })).toEqual({ ok: true, value: { accountSid } });
  });
  it('secrets need a token', () => {
    expect(checkTwilioSecrets({ authToken: 't' })).toEqual({ ok: true, value: { authToken: 't' } });
    expect(checkTwilioSecrets({}).ok).toBe(false);
  });
});
