import { useLanguage } from '../i18n/use-language.ts';
import { keyMap } from '../keys/key-map.ts';
import { useSettings } from '../state/settings.ts';
import { useScreenStore } from '../state/stores.ts';
import { Dialog } from './dialog.tsx';
import classes from './key-help.module.css';

/** The map of keys. */
export function KeyHelp() {
  const { t } = useLanguage();
  const opened = useScreenStore((screen) => screen.keyMapOpen);
  const singleKeys = useSettings((settings) => settings.singleKeys);
  return (
    <Dialog
      opened={opened}
      title={t('keys.title')}
      closeLabel={t('keys.close')}
      size={520}
      onClose={() => useScreenStore.setState({ keyMapOpen: false })}
    >
      <p className={classes.note}>{singleKeys ? t('keys.note') : t('keys.off')}</p>
      <table className={classes.table}>
        <thead>
          <tr>
            <td />
            <th scope="col">{t('keys.single')}</th>
            <th scope="col">{t('keys.typing')}</th>
          </tr>
        </thead>
        <tbody>
          {keyMap.map((binding) => (
            <tr key={binding.action}>
              <th scope="row">{t(binding.message as 'key.answer')}</th>
              <td>
                <kbd>
                  {binding.action === 'talk'
                    ? t('key.hold.prefix', { key: binding.single.shown })
                    : binding.single.shown}
                </kbd>
              </td>
              <td>{binding.typing === undefined ? null : <kbd>{binding.typing.shown}</kbd>}</td>
            </tr>
          ))}
          <tr>
            <th scope="row">{t('key.disposition')}</th>
            <td>
              <kbd>1</kbd>–<kbd>9</kbd>
            </td>
            <td />
          </tr>
          <tr>
            <th scope="row">{t('key.command.send')}</th>
            <td />
            <td>
              <kbd>Ctrl Enter</kbd>
            </td>
          </tr>
        </tbody>
      </table>
    </Dialog>
  );
}
