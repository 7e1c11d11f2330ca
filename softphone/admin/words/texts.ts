import { accountsWords } from '../accounts/accounts-words.ts';
import { auditWords } from '../audit/audit-words.ts';
import { companyWords } from '../company/company-words.ts';
import { failedWords } from '../failed/failed-words.ts';
import { historyWords } from '../history/history-words.ts';
import { importWords } from '../import/import-words.ts';
import { linesWords } from '../lines/lines-words.ts';
import { messagingWords } from '../messaging/messaging-words.ts';
import { outcomesWords } from '../outcomes/outcomes-words.ts';
import { peopleWords } from '../people/people-words.ts';
import { queuesWords } from '../queues/queues-words.ts';
import { rulesWords } from '../rules/rules-words.ts';
import { shiftsWords } from '../shifts/shifts-words.ts';
import { soundsWords } from '../sounds/sounds-words.ts';
import { startWords } from '../start/start-words.ts';
import { templatesWords } from '../templates/templates-words.ts';
import { commonWords } from './common-words.ts';

/** Every text of the administration screens. */
export const texts = {
  ...commonWords,
  ...startWords,
  ...peopleWords,
  ...shiftsWords,
  ...linesWords,
  ...queuesWords,
  ...soundsWords,
  ...outcomesWords,
  ...accountsWords,
  ...templatesWords,
  ...rulesWords,
  ...messagingWords,
  ...failedWords,
  ...importWords,
  ...historyWords,
  ...auditWords,
  ...companyWords,
} as const;
