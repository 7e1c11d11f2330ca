import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Database } from '../../../../db/client.ts';
import type { SignedInUser } from '../../../../server/access/route.ts';
import { type ClientImports, createClientImports } from '../../../../server/clients/import/index.ts';
import type { ClientImport, ClientImportChange } from '../../../../server/contract/client-imports.ts';
import { silentLog } from '../../../../server/kernel/log.ts';
import type { openClients } from '../house.ts';

type House = Awaited<ReturnType<typeof openClients>>;

/** Imports over a house's database, with the folder of files in a directory of their own. */
export function openImports(db: Database, house: House, folder = mkdtempSync(join(tmpdir(), 'switchroom-imports-'))) {
  const changed: number[] = [];
  const { clock, journal } = house;
  const open = (): ClientImports =>
    createClientImports({ db, clock, journal, log: silentLog, folder, onChanged: (id) => void changed.push(id) });
  let imports = open();
  const user: SignedInUser = { ...house.anna, role: 'supervisor' };

  async function upload(text: string | Buffer, name = 'clients.csv'): Promise<ClientImport> {
    const bytes = typeof text === 'string' ? Buffer.from(text) : text;
    return imports.receive({ name, size: null, stream: Readable.from([bytes]), user });
  }

  return {
    user,
    folder,
    changed,
    get imports() {
      return imports;
    },
    upload,
    /** Uploads and plans a file. */
    async planned(text: string | Buffer, change: ClientImportChange = {}): Promise<ClientImport> {
      const { id } = await upload(text);
      if (Object.keys(change).length > 0) await imports.edit(id, change);
      await imports.plan(id, user);
      await imports.settled(id);
      return imports.view(id);
    },
    async run(id: number): Promise<ClientImport> {
      await imports.begin(id, user);
      await imports.settled(id);
      return imports.view(id);
    },
    async undone(id: number): Promise<ClientImport> {
      await imports.undo(id, user);
      await imports.settled(id);
      return imports.view(id);
    },
    async problems(id: number): Promise<string> {
      const { text } = await imports.problems(id, 'ru');
      let all = '';
      text.on('data', (chunk) => {
        all += String(chunk);
      });
      await once(text, 'end');
      return all;
    },
    /** Ends this process's work in the middle of it and begins as the next process would. */
    async restart(): Promise<void> {
      await imports.close();
      imports = open();
      await imports.start();
    },
    async close(): Promise<void> {
      await imports.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
