import { useLanguage } from '../i18n/use-language.ts';
import { BLOCKS, boardKeys } from '../keys/board-keys.ts';
import { useSettings } from '../state/settings.ts';
import { Dialog } from '../workspace/dialog.tsx';
import classes from '../workspace/key-help.module.css';

/** The keys of the board. */
export function BoardKeyHelp({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  const { t } = useLanguage();
  const singleKeys = useSettings((settings) => settings.singleKeys);
  const lines = [
    { message: 'boardKey.block', shown: `1–${BLOCKS}` },
    ...boardKeys.slice(0, -1),
    { message: 'boardKey.open', shown: 'Enter' },
    ...boardKeys.slice(-1),
  ];
  return (
    <Dialog opened={opened} title={t('keys.title')} closeLabel={t('keys.close')} size={460} onClose={onClose}>
      <p className={classes.note}>{singleKeys ? t('keys.note') : t('keys.off')}</p>
      <table className={classes.table}>
        <tbody>
          {lines.map(({ message, shown }) => (
            <tr key={shown}>
              <th scope="row">{t(message as 'boardKey.open')}</th>
              <td>
                <kbd>{shown}</kbd>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Dialog>
  );
}
