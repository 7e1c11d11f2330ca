import { useLanguage } from '../../i18n/use-language.ts';
import classes from './messages.module.css';
import { type TemplateTyping, templateOptionId } from './use-template-typing.ts';

/** The templates that `::word` may mean, above the field. */
export function TemplateList({ typing }: { readonly typing: TemplateTyping }) {
  const { t } = useLanguage();
  if (!typing.shown) return null;
  return (
    <div className={classes.templates} data-testid="templates">
      {typing.items.length === 0 ? <p>{t('template.none')}</p> : null}
      <div id={typing.listId} role="listbox" aria-label={t('write.templates')}>
        {typing.items.map((template) => (
          <div
            key={template.id}
            id={templateOptionId(template.id)}
            role="option"
            tabIndex={-1}
            aria-selected={template.id === typing.chosen?.id}
            className={classes.template}
            // before the blur closes the list
            onMouseDown={(event) => {
              event.preventDefault();
              typing.choose(template);
            }}
            data-testid="template"
          >
            <b>{template.name}</b>
            <kbd>{template.shortcut === '' ? '' : `::${template.shortcut.replace(/^:+/, '')}`}</kbd>
            <span>{template.body}</span>
          </div>
        ))}
      </div>
    </div>
  );
}
