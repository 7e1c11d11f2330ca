import type { Random } from './random.ts';

const maleNames =
  'Александр Алексей Андрей Антон Артём Виктор Владислав Георгий Денис Дмитрий Евгений Егор Иван Игорь Илья Кирилл Константин Максим Михаил Никита Николай Олег Павел Пётр Роман Руслан Сергей Станислав Тимур Фёдор Юрий Ярослав'.split(
    ' ',
  );
const femaleNames =
  'Алина Алёна Анастасия Валентина Валерия Виктория Галина Дарья Диана Евгения Екатерина Елена Жанна Инна Ирина Карина Кристина Ксения Лариса Любовь Людмила Марина Мария Надежда Наталья Оксана Полина Светлана Софья Татьяна Ульяна Юлия'.split(
    ' ',
  );
/** Surnames that take -а in the feminine. */
const surnames =
  'Абрамов Агафонов Алфёров Барсуков Берестов Воронцов Гаврилов Голубев Горшков Дроздов Дьяков Емельянов Ершов Жилин Журавлёв Зимин Зотов Игнатов Калинин Колосов Корнеев Крылов Лаптев Ларин Логинов Мальцев Маслов Назаров Некрасов Овчинников Одинцов Пахомов Платонов Рогозин Рябинин Савельев Ситников Снегирёв Суворин Тарасов Третьяков Уваров Федосеев Хомяков Цветков Черкасов Шубин Щукин Юдин Якушев'.split(
    ' ',
  );
const patronymics = [
  ['Александрович', 'Александровна'],
  ['Андреевич', 'Андреевна'],
  ['Викторович', 'Викторовна'],
  ['Владимирович', 'Владимировна'],
  ['Дмитриевич', 'Дмитриевна'],
  ['Игоревич', 'Игоревна'],
  ['Николаевич', 'Николаевна'],
  ['Олегович', 'Олеговна'],
  ['Павлович', 'Павловна'],
  ['Сергеевич', 'Сергеевна'],
] as const;

const companyWords =
  'Северный ветер|Белый парус|Тихая гавань|Лесной дом|Новый квартал|Ясное небо|Альтаир|Кедр|Вектор плюс|Меридиан|Стройкомфорт|Техносфера|Гранит|Медтехсервис|Агрополис|Солнечный берег|Первый склад|Городские окна|Линия света|Дом чая|Точка опоры|Рубеж|Камертон|Орион-Логистик|Уральский мастер|Невская кофейня|Студия «Тон»|Зелёный двор|Прайм-Отель|Центр печати'.split(
    '|',
  );
const positions = [
  'директор',
  'офис-менеджер',
  'закупщик',
  'главный бухгалтер',
  'руководитель АХО',
  'инженер',
  'собственник',
  'помощник директора',
] as const;

/** Who is on the card, before numbers and history. */
export interface Person {
  readonly name: string;
  /** Latin, for the mailbox. */
  readonly mailbox: string;
  readonly company: string;
  readonly position: string;
}

/** A Russian name, often with a company and a position in it. */
export function russianPerson(random: Random): Person {
  const female = random.chance(0.5);
  const first = random.pick(female ? femaleNames : maleNames);
  const surname = `${random.pick(surnames)}${female ? 'а' : ''}`;
  const patronymic = random.chance(0.3) ? ` ${random.pick(patronymics)[female ? 1 : 0]}` : '';
  const works = random.chance(0.6);
  return {
    name: `${first}${patronymic} ${surname}`,
    mailbox: transliterate(`${first.charAt(0)}.${surname}`),
    company: works ? russianCompany(random, surname) : '',
    position: works && random.chance(0.7) ? random.pick(positions) : '',
  };
}

function russianCompany(random: Random, surname: string): string {
  if (random.chance(0.2)) return `ИП ${surname}`;
  const words = random.pick(companyWords);
  return words.includes('«') ? words : `${random.pick(['ООО', 'ООО', 'ООО', 'АО'])} «${words}»`;
}

const letters: Readonly<Record<string, string>> = Object.fromEntries(
  'а:a б:b в:v г:g д:d е:e ё:e ж:zh з:z и:i й:y к:k л:l м:m н:n о:o п:p р:r с:s т:t у:u ф:f х:kh ц:ts ч:ch ш:sh щ:sch ъ: ы:y ь: э:e ю:yu я:ya'
    .split(' ')
    .map((pair) => pair.split(':') as [string, string]),
);

/** Lower-case Latin for Cyrillic text; everything else stays. */
export function transliterate(text: string): string {
  return [...text.toLowerCase()].map((letter) => letters[letter] ?? letter).join('');
}

/** Who calls from abroad: name, mailbox, company and position by country. */
export const foreignPeople = {
  KZ: [
    'Айгуль Сейтова|a.seitova|ТОО «Алатау Трейд»|закупщик',
    'Нурлан Ахметов|n.akhmetov|ТОО «Степь Логистик»|директор',
    'Динара Касымова|d.kasymova||',
    'Ержан Тулегенов|e.tulegenov|ТОО «Жибек»|инженер',
    'Мадина Оспанова|m.ospanova||',
    'Санжар Байжанов|s.bayzhanov|ТОО «Байтерек Сервис»|',
  ],
  BY: [
    'Алесь Корбут|a.korbut|ООО «Неман-Трейд»|директор',
    'Наталля Савич|n.savich|ЧУП «Белмебель»|закупщик',
    'Вадим Лукашевич|v.lukashevich||',
    'Янина Мороз|y.moroz|ООО «Полесье-Агро»|главный бухгалтер',
    'Глеб Шидловский|g.shidlovsky||',
  ],
  UZ: ['Дилшод Каримов|d.karimov|ООО «Самарканд Текстиль»|директор', 'Нигора Юсупова|n.yusupova||'],
  AM: ['Арам Петросян|a.petrosyan|ООО «Арарат-Импорт»|закупщик'],
  TR: ['Emre Yılmaz|e.yilmaz|Ege Mobilya Ltd.|export manager', 'Selin Kaya|s.kaya|Marmara Trade|'],
  AE: ['Omar Haddad|o.haddad|Gulf Fitout LLC|procurement'],
  CN: ['Li Wei|li.wei|Ningbo Office Supply|sales manager', 'Zhang Min|zhang.min|Foshan Seating Co.|'],
  DE: [
    'Anja Vogel|a.vogel|Vogel Innenausbau GmbH|Einkauf',
    'Jürgen Brandt|j.brandt|Brandt Logistik|Geschäftsführer',
    'Miriam Scholz|m.scholz||',
  ],
  GB: [
    'Oliver Haywood|o.haywood|Haywood & Sons|buyer',
    'Priya Nair|p.nair|Northgate Interiors|office manager',
    'Graham Pell|g.pell||',
  ],
  US: [
    'Megan Whitlock|m.whitlock|Lakeside Fit-Out Inc.|project manager',
    'Tyler Brooks|t.brooks|Brightline Offices|',
    'Carla Jimenez|c.jimenez||',
  ],
  FR: ['Camille Renaud|c.renaud|Atelier Renaud|', 'Luc Perrin|l.perrin||'],
  PL: ['Kasia Nowicka|k.nowicka|Biuro Plus sp. z o.o.|'],
  FI: ['Mikko Salonen|m.salonen|Salonen Oy|purchasing'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type ForeignCountry = keyof typeof foreignPeople;

/** Reads one line of the list above. */
export function foreignPerson(line: string): Person {
  const [name = '', mailbox = '', company = '', position = ''] = line.split('|');
  return { name, mailbox, company, position };
}
