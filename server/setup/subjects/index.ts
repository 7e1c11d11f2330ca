import type { SetupKind } from '../../contract/setup-words.ts';
import type { QueueId } from '../../kernel/ids.ts';
import type { AccountRules } from '../account-rules.ts';
import type { Subject } from '../subject.ts';
import { accountSubject } from './channel-account.ts';
import { companySubject, holidaySubject } from './company.ts';
import { lineSubject, trunkSubject } from './lines.ts';
import { messageSettingsSubject, ruleSubject, templateSubject } from './messages.ts';
import { queueSubject } from './queue.ts';
import { scheduleSubject } from './schedule.ts';
import { soundSubject } from './sound.ts';
import { teamSubject } from './team.ts';
import { userSubject } from './user.ts';
import { dispositionSubject, presenceReasonSubject } from './words.ts';

/** Callers of a queue, as what keeps it from being removed. */
export type CallersOf = (queueId: QueueId) => readonly { readonly interactionId: string }[];

/** A queue in which somebody waits stays, whoever removes it or takes its making back. */
function withCallers(callersOf: CallersOf): typeof queueSubject {
  return {
    ...queueSubject,
    async usedBy(tx, id) {
      const lines = await queueSubject.usedBy(tx, id);
      const callers = callersOf(id as QueueId).map(({ interactionId }) => ({
        kind: 'interaction',
        id: interactionId,
        name: interactionId,
      }));
      return [...lines, ...callers];
    },
  };
}

/** Every kind of thing that can be changed by hand. */
export const createSubjects = (callersOf: CallersOf, accountRules: AccountRules) =>
  ({
    company: companySubject,
    user: userSubject,
    team: teamSubject,
    trunk: trunkSubject,
    line: lineSubject,
    queue: withCallers(callersOf),
    disposition: dispositionSubject,
    presence_reason: presenceReasonSubject,
    holiday: holidaySubject,
    work_schedule: scheduleSubject,
    sound: soundSubject,
    channel_account: accountSubject(accountRules),
    message_template: templateSubject,
    inbound_rule: ruleSubject,
    message_settings: messageSettingsSubject,
  }) satisfies Readonly<Record<SetupKind, Subject>>;
