import type { JournalReader } from '../kernel/journal.ts';
import type { AuditTrail } from './audit-trail.ts';

/**
 * What calls show to people, as lines of the audit log. Read from the journal: the ring does not wait for it. The journal
 * tells everything at least once, so a line may stand twice after a crash, and none is missing.
 */
export function auditCalls({ note }: Pick<AuditTrail, 'note'>): JournalReader {
  return ({ type, userId, clientId, interactionId }) => {
    if (userId === undefined || clientId === undefined) return;
    const about = { userId, clientId, data: { interactionId } };
    // a call that is opened by somebody is one that he makes: he sees whom he calls
    if (type === 'offer.made' || type === 'interaction.opened')
      note({ ...about, action: 'client.shown', subject: `client:${clientId}` });
    if (type === 'interaction.listened')
      note({ ...about, action: 'call.listened', subject: `interaction:${interactionId}` });
  };
}
