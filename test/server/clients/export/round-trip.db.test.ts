import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import type { SignedInUser } from '../../../../server/access/route.ts';
import { createClientExport } from '../../../../server/clients/export/index.ts';
import type { ContactPointInput } from '../../../../server/contract/schemas.ts';
import { openTestDatabase, type TestDatabase } from '../../../support/database.ts';
import { openClients } from '../house.ts';
import { openImports } from '../import/desk.ts';

type House = Awaited<ReturnType<typeof openClients>>;

async function exported(db: TestDatabase, { clients, anna }: House): Promise<string> {
  const reader: SignedInUser = { ...anna, mayExport: true };
  const room = createClientExport({ db, scopeOf: clients.visibility.scopeOf, audit: async () => undefined });
  return text(await room.open(reader, ''));
}

const phone = (value: string): ContactPointInput => ({ kind: 'phone', value });

describe('what was exported', () => {
  it('is imported by another house as the same cards, without a question', async () => {
    const [from, to] = await Promise.all([openTestDatabase(), openTestDatabase()]);
    try {
      const [source, target] = await Promise.all([openClients(from), openClients(to)]);
      const contactPoints = [
        phone('+79163500001'),
        phone('8 495 350-00-01 доб. 7'),
        { kind: 'email' as const, value: 'o@example.com' },
      ];
      const { id, version } = await source.clients.create(
        { name: 'Ольга "Лёля" Ёлкина', company: 'ООО «Ромашка», Тверь', responsibleId: source.anna.id, contactPoints },
        source.anna,
      );
      const rest = {
        stage: 'client',
        vip: true,
        tags: ['опт', 'сад'],
        warning: 'Не звонить\nутром',
        source: 'выставка',
      } as const;
      await source.clients.edit(id, { version, ...rest, tags: [...rest.tags], position: 'директор' }, source.anna);
      const other = await source.clients.create(
        { name: 'Только имя', contactPoints: [phone('+79163500002')] },
        source.anna,
      );
      // the import writes its own source where a file has none
      await source.clients.edit(other.id, { version: other.version, source: 'сайт' }, source.anna);
      const file = await exported(from, source);

      const desk = openImports(to, target);
      const planned = await desk.planned(file);
      const done = await desk.run(planned.id);
      expect(done).toMatchObject({ state: 'done', result: { created: 2, invalid: 0 } });
      expect(await exported(to, target)).toBe(file);
      await desk.close();
    } finally {
      await Promise.all([from.close(), to.close()]);
    }
  });
});
