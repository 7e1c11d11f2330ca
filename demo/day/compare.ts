import { counts, type FigureName, type Figures, type OwnFigures, sums } from './figures.ts';
import type { TimelineFigures } from './timelines.ts';

/** One line of the table. A figure that a source does not have is null. */
export interface Row {
  readonly name: string;
  readonly unit: 'count' | 'ms' | 's';
  readonly script: number | null;
  readonly board: number | null;
  readonly journal: number | null;
  readonly timelines: number | null;
  readonly agrees: boolean;
}

export interface Owed {
  readonly open: number;
  readonly closed: number;
}

/** The same part of the day, told by four. */
export interface Accounts {
  /** Null when people took part whose doings the script does not know. */
  readonly script: OwnFigures | null;
  readonly board: Figures;
  readonly journal: Figures;
  /** Null when nobody read them. */
  readonly timelines: TimelineFigures | null;
  /** Sums of seconds that the timelines should have, by the rows of the calls. */
  readonly seconds: { readonly answeredWaitSeconds: number; readonly talkSeconds: number };
  /** How many people we owe more than before, and how many are settled. */
  readonly owed: { readonly script: Owed | null; readonly board: number; readonly ledger: Owed };
}

const isWithin = (value: number, range: readonly [number, number] | undefined): boolean =>
  range === undefined || (range[0] <= value && value <= range[1]);

/** Board and journal to the digit; the script's sums within its watch's tolerance; the timelines in whole seconds. */
export function compare(accounts: Accounts): Row[] {
  const { script, board, journal, timelines } = accounts;
  const row = (name: FigureName, unit: Row['unit']): Row => {
    const told = timelines?.figures[name];
    const isOwn = isWithin(journal[name], script?.range[name]) && isWithin(board[name], script?.range[name]);
    return {
      name,
      unit,
      script: script?.figures[name] ?? null,
      board: board[name],
      journal: journal[name],
      timelines: told ?? null,
      agrees: board[name] === journal[name] && (told === undefined || told === journal[name]) && isOwn,
    };
  };
  return [
    ...counts.map((name) => row(name, 'count')),
    ...sums.map((name) => row(name, 'ms')),
    ...secondsRows(accounts),
    ...owedRows(accounts.owed),
  ];
}

function secondsRows({ timelines, seconds }: Accounts): Row[] {
  if (!timelines) return [];
  return (['answeredWaitSeconds', 'talkSeconds'] as const).map((name) => ({
    name,
    unit: 's',
    script: null,
    board: null,
    journal: seconds[name],
    timelines: timelines[name],
    agrees: seconds[name] === timelines[name],
  }));
}

function owedRows({ script, board, ledger }: Accounts['owed']): Row[] {
  const rest = { unit: 'count', timelines: null } as const;
  return [
    {
      ...rest,
      name: 'owedOpen',
      script: script?.open ?? null,
      board,
      journal: ledger.open,
      agrees: board === ledger.open && (script === null || script.open === ledger.open),
    },
    {
      ...rest,
      name: 'owedClosed',
      script: script?.closed ?? null,
      board: null,
      journal: ledger.closed,
      agrees: script === null || script.closed === ledger.closed,
    },
  ];
}
