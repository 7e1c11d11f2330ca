const seconds = (count: number): number => count * 1000;
const minutes = (count: number): number => seconds(60) * count;

/** Times and bounds of the assignment of conversations. */
export const assignmentLimits = {
  /** Who is on shift, but not ready for longer than this, gives back what he has: a lunch, not a coffee. */
  notReadyMs: minutes(15),
  /** Whose browser is away for longer than this gives back what he has. */
  offlineMs: minutes(5),
  /** Who gave one back is not given it again for so long: others first, and he may take it at any time. */
  notBackMs: minutes(15),
  /** Who took one while he was off shift keeps it so long. */
  takenOffShiftMs: minutes(30),
  /** People and browsers are looked at this often: nobody tells when a browser comes or goes. */
  lookMs: seconds(15),
  /** A database that was away is asked again. */
  againMs: seconds(5),
  /** The longest sleep of a timer, so that a wrong clock is noticed. */
  sleepMs: minutes(60),
  /** A talk shorter than this answers nothing that was written. */
  talkMs: seconds(10),
  /** Events that are followed, and conversations that are written, in one go. */
  followedAtOnce: 200,
  writtenAtOnce: 200,
  /** Reasons for candidates that the journal keeps with an assignment. */
  candidates: 50,
} as const;
