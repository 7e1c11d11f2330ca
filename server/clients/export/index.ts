import { Readable } from 'node:stream';
import type { Database } from '../../../db/client.ts';
import type { Access } from '../../access/index.ts';
import type { SignedInUser } from '../../access/route.ts';
import { AppError } from '../../kernel/errors.ts';
import type { ClientId } from '../../kernel/ids.ts';
import { searchQuery } from '../search-query.ts';
import type { Visibility } from '../visibility.ts';
import { cardLine, headLine } from './card-line.ts';
import { exportLimits } from './limits.ts';
import { countChosen, type ExportFilter, readChosen } from './store.ts';

export interface ClientExportOptions {
  readonly db: Database;
  /** Whose habits decide how people write numbers, ISO 3166-1. Default: Russia. */
  readonly region?: string;
  readonly scopeOf: Visibility['scopeOf'];
  readonly audit: Access['audit'];
}

/** The client base as a file. */
export interface ClientExport {
  /**
   * CSV of what a search finds among the cards that this user may see; nothing typed = all of these. The line of the
   * audit log, with the number of rows, is written before the first byte; a refusal has its line too.
   * @throws AppError `forbidden` without the right to export, `overloaded` (retryable) while others export
   */
  open(user: SignedInUser, typed: string): Promise<Readable>;
}

const action = 'clients.exported';
const subject = 'clients';

export function createClientExport({ db, region = 'RU', scopeOf, audit }: ClientExportOptions): ClientExport {
  let running = 0;

  /** Page by page, as fast as they are taken. */
  async function* linesOf(filter: ExportFilter, language: 'ru' | 'en'): AsyncGenerator<string> {
    yield headLine(language);
    for (let after: ClientId | 0 = 0; ; ) {
      const cards = await readChosen(db, filter, { after, limit: exportLimits.page });
      const last = cards.at(-1);
      if (!last) return;
      after = last.id;
      yield cards.map((card) => cardLine(card, language)).join('');
    }
  }

  async function begin(user: SignedInUser, typed: string): Promise<Readable> {
    const filter = { query: filterOf(typed, region), scope: await scopeOf(db, user) };
    const rows = await countChosen(db, filter);
    await audit({ userId: user.id, action, subject, data: { rows, query: typed } });
    return Readable.from(linesOf(filter, user.language), { objectMode: false });
  }

  return {
    async open(user, typed) {
      if (!user.mayExport) {
        await audit({ userId: user.id, action, subject, allowed: false, data: { query: typed } });
        throw new AppError('forbidden', 'you have no right to export clients');
      }
      if (running >= exportLimits.atOnce)
        throw new AppError('overloaded', 'others export just now', { retryable: true });
      running++;
      try {
        const stream = await begin(user, typed);
        stream.once('close', () => running--);
        return stream;
      } catch (error) {
        running--;
        throw error;
      }
    },
  };
}

/** @throws AppError `bad_request` for a search that can find nothing: it must not become one that finds all */
function filterOf(typed: string, region: string) {
  if (typed.trim() === '') return null;
  const query = searchQuery(typed, region);
  if (!query) throw new AppError('bad_request', 'a search has at least one letter or digit');
  return query;
}
