import {
  Circle,
  CircleOff,
  ClipboardPen,
  Grid3x3,
  type LucideIcon,
  Mic,
  MicOff,
  Pause,
  Phone,
  PhoneCall,
  PhoneForwarded,
  PhoneIncoming,
  PhoneMissed,
  PhoneOff,
  PhoneOutgoing,
  Play,
  RefreshCw,
  TriangleAlert,
  Voicemail,
} from 'lucide-react';
import type { InteractionView } from '../../server/contract/schemas.ts';
import { useDeskTools } from '../desk-context.ts';
import { duration } from '../i18n/format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { usePhoneStore, useScreenStore, useWorkspaceStore } from '../state/stores.ts';
import classes from './contact-strip.module.css';
import { DialBox } from './dial-box.tsx';
import { Keypad } from './keypad.tsx';
import { MutedWarning } from './muted-warning.tsx';
import { interactionName, peerNumber } from './names.ts';
import { StripButton } from './strip-button.tsx';
import { Timer } from './timer.tsx';
import { useInteractionName } from './use-card.ts';
import { WhyMe } from './why-me.tsx';
import { TimeLeft, WrapUp } from './wrap-up.tsx';

type StripState = InteractionView['state'] | 'idle';

const stateIcons: Record<StripState, LucideIcon> = {
  idle: Phone,
  queued: Phone,
  offered: PhoneIncoming,
  dialing: PhoneOutgoing,
  active: PhoneCall,
  held: Pause,
  reconnecting: RefreshCw,
  voicemail: Voicemail,
  wrap_up: ClipboardPen,
  closed: PhoneOff,
};

interface ContactStripProps {
  readonly interaction: InteractionView | undefined;
}

/** The call in hand. Its buttons have the same places in every state; those that cannot be used are grey. */
export function ContactStrip({ interaction }: ContactStripProps) {
  const { t } = useLanguage();
  const state: StripState = interaction?.state ?? 'idle';
  return (
    <section
      className={classes.strip}
      aria-label={t('strip.label')}
      data-testid="contact-strip"
      data-state={state}
      data-interaction={interaction?.id}
    >
      <div className={classes.info}>
        <StateChip state={state} interaction={interaction} />
        {interaction === undefined ? <IdleInfo /> : <CallInfo interaction={interaction} />}
      </div>
      {interaction?.state === 'wrap_up' ? (
        <WrapUp key={interaction.id} interaction={interaction} />
      ) : (
        <Buttons interaction={interaction} />
      )}
    </section>
  );
}

function StateChip({ state, interaction }: { readonly state: StripState } & ContactStripProps) {
  const { t } = useLanguage();
  const Icon = stateIcons[state];
  return (
    <div className={classes.chip} data-state={state}>
      <Icon size={18} aria-hidden="true" />
      <span className={classes.word}>{t(`state.${state}`)}</span>
      {interaction === undefined ? null : state === 'offered' && interaction.offer !== null ? (
        <Timer until={interaction.offer.expiresAt} />
      ) : (
        <Timer since={talkStart(interaction)} />
      )}
    </div>
  );
}

/** Talking counts from the answer, also after a hold; everything else from the start of the state. */
function talkStart(interaction: InteractionView): string {
  return interaction.state === 'active' ? (interaction.answeredAt ?? interaction.stateSince) : interaction.stateSince;
}

function CallInfo({ interaction }: { readonly interaction: InteractionView }) {
  const { t } = useLanguage();
  const number = peerNumber(interaction, t);
  const name = useInteractionName(interaction);
  const muted = usePhoneStore((phone) => phone.muted);
  const answered = interaction.direction === 'in' && interaction.answeredAt !== null;
  const waited = Date.parse(interaction.answeredAt ?? interaction.arrivedAt) - Date.parse(interaction.arrivedAt);
  const queue = interaction.queue?.name ?? '';
  const how = [
    interaction.line.name,
    queue === interaction.line.name ? '' : queue,
    answered ? t('strip.waited', { time: duration(waited) }) : '',
    interaction.state === 'wrap_up' && interaction.result !== null ? t(`result.${interaction.result}`) : '',
  ].filter((part) => part !== '');
  return (
    <>
      <div className={classes.call}>
        <div className={classes.who}>
          <strong>{name}</strong>
          {number !== '' && number !== name ? <span className="num">{number}</span> : null}
        </div>
        <div className={classes.how}>{how.join(' · ')}</div>
      </div>
      <MutedWarning active={muted && (interaction.state === 'active' || interaction.state === 'held')} />
      {interaction.state === 'wrap_up' ? (
        <TimeLeft interaction={interaction} />
      ) : (
        <Recording state={interaction.recording} interaction={interaction} />
      )}
      {interaction.direction === 'in' ? <WhyMe interactionId={interaction.id} /> : null}
    </>
  );
}

function Recording({ state, interaction }: { readonly state: InteractionView['recording'] } & ContactStripProps) {
  const { t } = useLanguage();
  const talking = interaction?.state === 'active' || interaction?.state === 'held';
  if (!talking) return null;
  const Icon = state === 'on' ? Circle : state === 'failed' ? TriangleAlert : CircleOff;
  return (
    <span className={classes.recording} data-state={state} title={t(`strip.recording.${state}`)}>
      <Icon size={12} aria-hidden="true" fill={state === 'on' ? 'currentColor' : 'none'} />
      <span>{t(`strip.recording.${state}`)}</span>
    </span>
  );
}

/** Nothing in hand: how the last call ended, and the number field. */
function IdleInfo() {
  const { t } = useLanguage();
  const lastClosed = useWorkspaceStore(({ state }) => state?.lastClosed ?? null);
  const offerEnd = useWorkspaceStore(({ state }) => state?.lastOfferEnd ?? null);
  let text = '';
  if (offerEnd !== null) {
    const result = offerEnd.result as 'timeout';
    text = t('strip.offerEnded', {
      name: interactionName(offerEnd.interaction, t),
      result: t(`offerResult.${result}`),
    });
  } else if (lastClosed !== null && lastClosed.result !== null) {
    text = t('strip.ended', { name: interactionName(lastClosed, t), result: t(`result.${lastClosed.result}`) });
  }
  return (
    <>
      <div className={classes.last} title={text}>
        {text === '' ? null : <PhoneMissed size={14} aria-hidden="true" />}
        <span data-testid="last-result">{text}</span>
      </div>
      <DialBox />
    </>
  );
}

function Buttons({ interaction }: ContactStripProps) {
  const { t } = useLanguage();
  const { commands } = useDeskTools();
  const muted = usePhoneStore((phone) => phone.muted);
  const answering = usePhoneStore((phone) => phone.calls.some((held) => held.state === 'answering'));
  const keypadOpen = useScreenStore((screen) => screen.keypadOpen);
  const state = interaction?.state;
  const offered = state === 'offered';
  const talking = state === 'active' || state === 'held';
  const act = (command: (held: InteractionView) => unknown) => () => {
    if (interaction !== undefined) command(interaction);
  };
  return (
    <div className={classes.buttons}>
      <StripButton
        icon={Phone}
        label={t('strip.answer')}
        hotkey="A"
        tone="answer"
        testId="answer"
        disabled={!offered || answering}
        onPress={act(commands.answer)}
      />
      <StripButton
        icon={PhoneMissed}
        label={t('strip.decline')}
        hotkey="D"
        testId="decline"
        disabled={!offered}
        onPress={act(commands.decline)}
      />
      <span />
      <StripButton
        icon={muted ? MicOff : Mic}
        label={muted ? t('strip.unmute') : t('strip.mute')}
        hotkey="M"
        tone={muted ? 'on' : undefined}
        pressed={muted}
        testId="mute"
        disabled={!talking}
        onPress={commands.toggleMute}
      />
      <StripButton
        icon={state === 'held' ? Play : Pause}
        label={state === 'held' ? t('strip.resume') : t('strip.hold')}
        hotkey="H"
        tone={state === 'held' ? 'hold' : undefined}
        pressed={state === 'held'}
        testId="hold"
        disabled={!talking}
        onPress={act(commands.toggleHold)}
      />
      <Keypad interaction={interaction} opened={keypadOpen && talking}>
        <StripButton
          icon={Grid3x3}
          label={t('strip.keypad')}
          hotkey="K"
          testId="keypad"
          expanded={keypadOpen && talking}
          disabled={!talking}
          onPress={() => useScreenStore.setState({ keypadOpen: !keypadOpen })}
        />
      </Keypad>
      <StripButton
        icon={PhoneForwarded}
        label={t('strip.transfer')}
        testId="transfer"
        disabled
        title={t('strip.transfer.later')}
        onPress={() => undefined}
      />
      <span />
      <StripButton
        icon={PhoneOff}
        label={t('strip.hangUp')}
        hotkey="X"
        tone="danger"
        testId="hang-up"
        disabled={!talking && state !== 'dialing' && state !== 'reconnecting'}
        onPress={act(commands.hangUp)}
      />
    </div>
  );
}
