import type { Words } from '../words/pair.ts';

/** Outcomes of calls and reasons for not being ready. */
export const outcomesWords = {
  'outcomes.text': [
    'What an agent chooses from: how a call ended, and why he is not ready. Both are written in two languages.',
    'Из чего выбирает оператор: чем кончился звонок и почему он не готов. Пишутся на двух языках.',
  ],
  'outcomes.outcomes': ['Outcomes of calls', 'Итоги звонков'],
  'outcomes.reasons': ['Not-ready reasons', 'Причины «Не готов»'],
  'outcomes.addOutcome': ['Add an outcome', 'Добавить итог'],
  'outcomes.addReason': ['Add a reason', 'Добавить причину'],
  'outcomes.newOutcome': ['New outcome', 'Новый итог'],
  'outcomes.newReason': ['New reason', 'Новая причина'],
  'outcomes.orderHint': [
    'The order is kept as you move them: buttons, Alt with an arrow key, or dragging.',
    'Порядок сохраняется сразу: кнопками, Alt со стрелкой или перетаскиванием.',
  ],
  'outcomes.archived': ['Archived', 'В архиве'],
  'outcomes.orderSaved': ['{list}: order', '{list}: порядок'],
  'outcome.nameRu': ['In Russian', 'По-русски'],
  'outcome.nameEn': ['In English', 'По-английски'],
  'outcome.hotkey': ['Key in wrap-up', 'Клавиша при обработке'],
  'outcome.noHotkey': ['none', 'нет'],
  'outcome.hotkeyTaken': ['{key}: now “{name}”', '{key}: сейчас «{name}»'],
  'outcome.archiveText': [
    '“{name}” is no longer offered and its key becomes free. Calls of the past keep it.',
    '«{name}» больше не предлагается, клавиша освобождается. У прошлых звонков итог останется.',
  ],
  'reason.code': ['Name in reports', 'Имя в отчётах'],
  'reason.codeHint': [
    'Small Latin letters, digits and _; never changes afterwards',
    'Строчные латинские буквы, цифры и _; потом не меняется',
  ],
  'reason.codeWrong': [
    'Begin with a small Latin letter; then letters, digits and _',
    'Начните со строчной латинской буквы; дальше буквы, цифры и _',
  ],
  'reason.archiveText': [
    '“{name}” is no longer offered. Times of the past keep it.',
    '«{name}» больше не предлагается. У прошлого времени причина останется.',
  ],
} as const satisfies Words;
