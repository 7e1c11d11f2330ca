import { describe, expect, it } from 'vitest';
import type { ConsentView } from '../../../server/contract/messages-schemas.ts';
import { translators } from '../../../softphone/i18n/translate.ts';
import { refusalTexts } from '../../../softphone/workspace/messages/refusal-words.ts';

const word = (change: Partial<ConsentView>): ConsentView => ({
  id: 1,
  at: '2026-11-20T10:00:00.000Z',
  kind: 'phone',
  value: '+79160000517',
  channel: 'sms',
  purpose: null,
  state: 'refused',
  source: 'agent',
  evidence: 'said so',
  messageId: null,
  user: null,
  ...change,
});

const said = (...items: ConsentView[]) => refusalTexts({ items, suppressions: [] }, translators.en);

describe('what stands in the line of warnings', () => {
  it('is what he refuses now, newest word first', () => {
    expect(said(word({}))).toEqual(['refused: SMS (+7 916 000-05-17)']);
    expect(said(word({ channel: null, purpose: 'marketing', kind: 'client', value: '' }))).toEqual([
      'refused: marketing',
    ]);
    expect(said(word({ state: 'given' }), word({}))).toEqual([]);
    // the newer one says it all
    expect(said(word({ channel: null }), word({}))).toEqual(['refused: everything (+7 916 000-05-17)']);
    expect(said(word({ state: 'given', kind: 'client', value: '', channel: null }), word({}))).toEqual([]);
  });

  it('is not taken back by a word on something else', () => {
    expect(said(word({ state: 'given', channel: 'call' }), word({}))).toHaveLength(1);
    expect(said(word({ state: 'given', value: '+79160000518' }), word({}))).toHaveLength(1);
    expect(said(word({ state: 'given', purpose: 'service' }), word({}))).toHaveLength(1);
  });

  it('names addresses that take nothing', () => {
    const gone = {
      channel: 'email',
      value: 'a@b.example',
      reason: 'gone',
      evidence: '550',
      at: '',
      until: null,
    } as const;
    expect(refusalTexts({ items: [], suppressions: [gone] }, translators.en)).toEqual([
      'The address does not exist: a@b.example',
    ]);
  });
});
