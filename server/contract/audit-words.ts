/** What lines of the audit log tell of; setup changes have their own history with all fields. */
export const auditActions = [
  'client.viewed',
  'client.shown',
  'recording.played',
  'message.opened',
  'call.listened',
  'clients.exported',
  'session.begun',
  'session.ended',
  'session.refused',
  'setup.changed',
  'audit.lost',
] as const;
export type AuditAction = (typeof auditActions)[number];
