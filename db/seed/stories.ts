/** One step of a story: a call with what the agent wrote after it, or a note. */
export interface Step {
  readonly kind: 'call' | 'note';
  readonly direction: 'in' | 'out';
  readonly status: 'answered' | 'missed' | 'abandoned' | 'failed' | 'done';
  /** Hotkey of the disposition; only of answered calls. */
  readonly disposition?: number;
  /**
   * `{n}` pieces (five or more: Russian counts fewer otherwise), `{sum}` money, `{day}` on a weekday, `{by}` before it,
   * `{he|she}` by the author's grammatical gender.
   */
  readonly note: string;
  /** A colleague's remark under the entry. */
  readonly comment?: string;
}

/** Outcome codes of the demo company; the number is the key in wrap-up. */
export const outcome = {
  sold: 1,
  callback: 2,
  answered: 3,
  complaint: 4,
  noInterest: 5,
  wrongNumber: 6,
  request: 7,
} as const;

const call = (direction: 'in' | 'out', disposition: number, note: string, comment?: string): Step => ({
  kind: 'call',
  direction,
  status: 'answered',
  disposition,
  note,
  ...(comment === undefined ? {} : { comment }),
});
const lost = (direction: 'in' | 'out', status: 'missed' | 'abandoned' | 'failed'): Step => ({
  kind: 'call',
  direction,
  status,
  note: '',
});
const note = (text: string): Step => ({ kind: 'note', direction: 'out', status: 'done', note: text });

const { sold, callback, answered, complaint, noInterest, wrongNumber, request } = outcome;

/** What happens between an office furniture dealer and its clients. Steps are days or weeks apart. */
export const russianStories: readonly (readonly Step[])[] = [
  [
    call(
      'in',
      request,
      'Открывают второй офис, нужны столы и кресла на {n} человек. Просит КП на почту до конца недели.',
    ),
    note('Отправил{|а} КП: {sum} ₽ с доставкой и сборкой. Скидку 5 % держим до конца месяца.'),
    lost('out', 'failed'),
    call(
      'out',
      callback,
      'КП получили, сравнивают с другим поставщиком. Смущает срок 3 недели. Созвон {day} после 15:00.',
      'Предложи частичную отгрузку, столы есть на складе.',
    ),
    call('out', sold, 'Согласились на две отгрузки. Счёт на {sum} ₽ выставлен, оплата до {by}.'),
    call('in', answered, 'Спрашивают, когда приедут сборщики. Сказал{|а}: {day}, с 10 до 12, пропуск закажут.'),
  ],
  [
    call(
      'in',
      answered,
      'Вопрос по гарантии на кресла: газлифт, куплены весной. Гарантия два года, заявку в сервис {завёл|завела}.',
    ),
    call('out', answered, 'Мастер был, газлифт заменил. Клиент доволен, просит телефон мастера напрямую — не дал{|а}.'),
  ],
  [
    call(
      'in',
      complaint,
      'Привезли {n} столов вместо {n} тумб, сборщики уехали. Очень недовольны, грозят вернуть всё.',
      'Держу на контроле. Логистам написала.',
    ),
    call('out', callback, 'Извинил{ся|ась}, предложил{|а} довоз за наш счёт {day} утром. Думают.'),
    call(
      'out',
      answered,
      'Довезли, собрали, акт подписан. Скинули 3 % на следующий заказ, осадок остался, но работать будет.',
    ),
  ],
  [call('out', noInterest, 'Обзвон после выставки. Мебель купили в прошлом году, вернуться через год.')],
  [
    lost('in', 'missed'),
    call('out', request, 'Перезвонил{|а} по пропущенному. Нужна переговорная: стол на {n} мест и экран. Замер {day}.'),
    note('Замер сделан: 6,2 × 4,1 м, колонна у окна. Эскиз у дизайнера.'),
    call('out', callback, 'Эскиз понравился, ждут утверждения бюджета ({sum} ₽). Не звонить до {by}.'),
  ],
  [call('in', wrongNumber, 'Искали доставку воды.')],
  [
    call(
      'in',
      request,
      'По рекомендации от соседей по бизнес-центру. {n} металлических шкафов, спрашивает про рассрочку.',
    ),
    call('out', callback, 'Рассрочку одобрили на 4 месяца. Договор ушёл по ЭДО, обещают подписать {day}.'),
    lost('out', 'failed'),
    lost('out', 'failed'),
    call('out', sold, 'Подписали, первый платёж прошёл. Отгрузка {day}.', 'Красиво!'),
  ],
  [
    lost('in', 'abandoned'),
    call(
      'in',
      answered,
      'Дозвонились со второго раза, ждали долго. Нужны реквизиты для оплаты счёта, продиктовал{|а}.',
    ),
  ],
  [
    call(
      'in',
      answered,
      'Просят закрывающие документы за прошлый месяц, бухгалтерия не видит их в ЭДО. Отправил{|а} ещё раз.',
    ),
    call('in', sold, 'Дозаказ: ещё {n} кресел той же серии, счёт {sum} ₽. Цену оставил{|а} прежнюю.'),
  ],
  [
    call('out', callback, 'На совещании, просит набрать {day} до обеда. Решает директор, не секретарь.'),
    call(
      'out',
      request,
      'Переезд в марте, {n} рабочих мест, хотят регулируемые столы. Бюджет до {sum} ₽. Нужны образцы тканей.',
    ),
    note('Образцы отвезли, встретила Ольга из приёмной.'),
    call('out', noInterest, 'Переезд отложили на полгода. Поставил{|а} напоминание, не терять.'),
  ],
];

export const englishStories: readonly (readonly Step[])[] = [
  [
    call(
      'in',
      request,
      'Asked for a quote: {n} task chairs and a reception desk, delivered duty paid. Wants drawings in English.',
    ),
    note('Quote sent, {sum} EUR, valid 30 days. Lead time five weeks from the deposit.'),
    call(
      'out',
      callback,
      'Quote is fine, freight is not. Will check with their own forwarder and call back {day}.',
      'Ask the warehouse about a groupage slot.',
    ),
    call('in', sold, 'Going ahead ex works, with their own truck. Deposit of {sum} EUR on its way, pro forma sent.'),
  ],
  [call('in', answered, 'Where is the order? Truck left {day}, gave the waybill number. Happy with that.')],
  [
    lost('in', 'missed'),
    call('out', callback, 'Returned the missed call. Bad line, will write the spec down and send it by mail.'),
    lost('out', 'failed'),
    call('out', noInterest, 'Bought locally in the end, price was close but they needed it in two weeks.'),
  ],
  [
    call(
      'in',
      complaint,
      'Two of {n} tables arrived with chipped edges. Photos to follow, wants replacements and not a discount.',
      'Replacements approved.',
    ),
    call('out', answered, 'Replacements left the factory {day}. Polite about it, keep posted.'),
  ],
  [
    call(
      'out',
      request,
      'Follow-up after the fair. Fitting out a floor for {n} people, tender closes {day}, wants to be on the list.',
    ),
    note('Tender documents filed. Decision expected in two weeks.'),
  ],
];

/** Ends a history with a call that nobody has returned yet. */
export const unreturned = { missed: lost('in', 'missed'), abandoned: lost('in', 'abandoned') } as const;

export const weekdays = {
  ru: ['в понедельник', 'во вторник', 'в среду', 'в четверг', 'в пятницу'],
  en: ['on Monday', 'on Tuesday', 'on Wednesday', 'on Thursday', 'on Friday'],
} as const;

/** After "до". */
export const weekdayEnds = ['понедельника', 'вторника', 'среды', 'четверга', 'пятницы'] as const;

export const quantities = [5, 6, 8, 10, 12, 14, 15, 16, 18, 20, 25, 30] as const;
