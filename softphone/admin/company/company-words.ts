import type { Words } from '../words/pair.ts';

/** Settings of the whole company. */
export const companyWords = {
  'company.text': [
    'What holds for everybody, unless something nearer says otherwise.',
    'Действует для всех, пока ближе не сказано иное.',
  ],
  'company.name': ['Name of the company', 'Название компании'],
  'company.regionHint': [
    'How numbers without a country code are read where no line says it, and the country of new lines.',
    'Как читать номера без кода страны, если этого не говорит линия, и страна новых линий.',
  ],
  'company.zoneHint': [
    'Of new shifts and opening hours, and of the coverage picture.',
    'Для новых смен и часов работы и для картины покрытия.',
  ],
  'company.languageHint': [
    'Of new people, and where a client’s language is unknown.',
    'Для новых сотрудников и там, где язык клиента неизвестен.',
  ],
} as const satisfies Words;
