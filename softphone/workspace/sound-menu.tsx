import { Popover } from '@mantine/core';
import { BellOff, BellRing, SlidersHorizontal } from 'lucide-react';
import { useState } from 'react';
import { useDeskTools } from '../desk-context.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { type AudioDevice, type DeviceChoice, systemDevice } from '../phone/audio-devices.ts';
import { changeSettings, useSettings } from '../state/settings.ts';
import { setCommandFailure, usePhoneStore } from '../state/stores.ts';
import bar from './bar.module.css';
import { MicMeter } from './mic-meter.tsx';
import classes from './sound-menu.module.css';
import { useDeviceTroubles } from './use-phone-trouble.ts';

/** Which devices speak, listen and ring, and how loud; the same choices in all tabs, and kept for the next shift. */
export function SoundMenu() {
  const { t } = useLanguage();
  const [opened, setOpened] = useState(false);
  const silent = useSettings((settings) => settings.silentRing);
  const Icon = silent ? BellOff : SlidersHorizontal;
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="bottom-start"
      shadow="md"
      width={330}
      withinPortal
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <button
          type="button"
          className={bar.iconButton}
          aria-label={t('sound.label')}
          title={t('sound.label')}
          onClick={() => setOpened(!opened)}
          data-testid="sound-menu"
        >
          <Icon size={18} aria-hidden="true" />
        </button>
      </Popover.Target>
      <Popover.Dropdown p={12} aria-label={t('sound.label')} data-testid="sound-panel">
        <Devices />
        <Volumes />
      </Popover.Dropdown>
    </Popover>
  );
}

function Devices() {
  const { t } = useLanguage();
  const devices = usePhoneStore((phone) => phone.devices);
  const troubles = useDeviceTroubles();
  const { microphone, speaker, secondRing } = useSettings();
  const system = { value: '', label: t('sound.system') };
  const named = devices.microphones.some(({ label }) => label !== '');
  return (
    <div className={classes.group}>
      <DeviceSelect
        label={t('sound.microphone')}
        choice={microphone}
        devices={devices.microphones}
        first={[system]}
        onChoose={(choice) => changeSettings({ microphone: choice })}
        testId="microphone"
      />
      <MicMeter width={304} />
      <DeviceSelect
        label={t('sound.speaker')}
        choice={speaker}
        devices={devices.outputs}
        first={[system]}
        onChoose={(choice) => changeSettings({ speaker: choice })}
        testId="speaker"
      />
      <DeviceSelect
        label={t('sound.secondRing')}
        choice={secondRing}
        devices={devices.outputs}
        first={[
          { value: '', label: t('sound.nowhere') },
          { value: systemDevice.id, label: t('sound.system') },
        ]}
        onChoose={(choice) => changeSettings({ secondRing: choice })}
        testId="second-ring"
      />
      {troubles.map((text) => (
        <p key={text} className={classes.note} data-trouble="true">
          {text}
        </p>
      ))}
      {named ? null : <p className={classes.note}>{t('sound.noNames')}</p>}
    </div>
  );
}

interface DeviceSelectProps {
  readonly label: string;
  readonly choice: DeviceChoice;
  readonly devices: readonly AudioDevice[];
  /** What may be chosen besides; an empty value is no choice. */
  readonly first: readonly { readonly value: string; readonly label: string }[];
  readonly onChoose: (choice: DeviceChoice) => void;
  readonly testId: string;
}

function DeviceSelect({ label, choice, devices, first, onChoose, testId }: DeviceSelectProps) {
  const { t } = useLanguage();
  // in another browser the same device has another id
  const known = devices.find(({ id }) => id === choice?.id) ?? devices.find((one) => one.label === choice?.label);
  const offered = devices.filter((one) => one.label !== '');
  const isAbsent = choice !== null && known === undefined && first.every(({ value }) => value !== choice.id);
  return (
    <label className={classes.field}>
      {label}
      <select
        value={known?.id ?? choice?.id ?? ''}
        onChange={({ currentTarget: { value } }) => {
          const device = value === systemDevice.id ? systemDevice : devices.find(({ id }) => id === value);
          onChoose(device ?? null);
        }}
        data-testid={testId}
      >
        {first.map((one) => (
          <option key={one.value} value={one.value}>
            {one.label}
          </option>
        ))}
        {offered.map((one) => (
          <option key={one.id} value={one.id}>
            {one.label}
          </option>
        ))}
        {isAbsent ? <option value={choice.id}>{t('sound.absent', { label: choice.label })}</option> : null}
      </select>
    </label>
  );
}

function Volumes() {
  const { t } = useLanguage();
  const { ringVolume, secondRingVolume, messageVolume, secondRing, silentRing } = useSettings();
  return (
    <div className={classes.group}>
      <Volume
        label={t('sound.ringVolume')}
        value={ringVolume}
        onChange={(volume) => changeSettings({ ringVolume: volume })}
        sample="call"
      />
      {secondRing === null ? null : (
        <Volume
          label={t('sound.secondRingVolume')}
          value={secondRingVolume}
          onChange={(volume) => changeSettings({ secondRingVolume: volume })}
          sample="call"
        />
      )}
      <Volume
        label={t('sound.messageVolume')}
        value={messageVolume}
        onChange={(volume) => changeSettings({ messageVolume: volume })}
        sample="task"
      />
      <label className={classes.check}>
        <input
          type="checkbox"
          checked={silentRing}
          onChange={({ currentTarget: { checked } }) => changeSettings({ silentRing: checked })}
          data-testid="silent-ring"
        />
        {t('sound.silent')}
      </label>
    </div>
  );
}

interface VolumeProps {
  readonly label: string;
  readonly value: number;
  readonly onChange: (volume: number) => void;
  readonly sample: 'call' | 'task';
}

function Volume({ label, value, onChange, sample }: VolumeProps) {
  const { t } = useLanguage();
  const { desk } = useDeskTools();
  const play = (): void => {
    desk.phone.playSample(sample).catch(() => setCommandFailure('phone_tab_silent'));
  };
  return (
    <div className={classes.volume}>
      <label>
        <span>{label}</span>
        <input
          type="range"
          min={0.05}
          max={1}
          step={0.05}
          value={value}
          onChange={(event) => onChange(Number(event.currentTarget.value))}
        />
      </label>
      <button
        type="button"
        className={classes.test}
        aria-label={`${label}: ${t(`sound.test.${sample}`)}`}
        title={t(`sound.test.${sample}`)}
        onClick={play}
        data-testid={`test-${sample}`}
      >
        <BellRing size={15} aria-hidden="true" />
      </button>
    </div>
  );
}
