import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Database } from '../../../db/client.ts';
import type { Routes, SignedInUser } from '../../access/route.ts';
import type { ClientImport, ClientImportChange, ImportPreview } from '../../contract/client-imports.ts';
import type { Clock } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import { type ClientId, newId } from '../../kernel/ids.ts';
import type { Journal } from '../../kernel/journal.ts';
import type { Log } from '../../kernel/log.ts';
import { transition } from '../../kernel/transition.ts';
import { guessMapping } from './columns.ts';
import { guessDelimiter, guessEncoding, headRows, readHead } from './encoding.ts';
import { importTransitions } from './import-state.ts';
import { createImportJobs } from './jobs.ts';
import { importLimits } from './limits.ts';
import { problemFile } from './problem-file.ts';
import { importRoutes } from './routes.ts';
import { isSeparatorLine } from './source.ts';
import * as store from './store.ts';
import { receivedBytes, receiveFile, safeFileName } from './upload.ts';
import { importView, undoUntil } from './view.ts';

export interface ClientImportsOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append' | 'published'>;
  readonly log: Log;
  /** Folder of the uploaded files; made when it is not there. */
  readonly folder: string;
  /** Whose habits decide how bare numbers are read unless an import says otherwise, ISO 3166-1. Default: Russia. */
  readonly region?: string;
  /** Called for every card of others that an import or its undo changed, for pushes. */
  readonly onChanged?: (clientId: ClientId, version: number) => void;
}

/** A file on its way in, or the first piece of one. */
export interface Upload {
  readonly name: string;
  /** Length of the whole file; null = this stream is all of it. */
  readonly size: number | null;
  readonly stream: Readable;
  readonly user: SignedInUser;
}

export type ClientImports = ReturnType<typeof createClientImports>;

const noImport = (id: number): AppError => new AppError('not_found', `there is no import ${id}`);

/** Imports of clients from CSV files: uploaded, looked through, planned, run in the background, undone. */
export function createClientImports(options: ClientImportsOptions) {
  const { db, clock, folder, region = 'RU', log } = options;
  const jobs = createImportJobs({ ...options, onChanged: options.onChanged ?? (() => {}) });
  const pathOf = (row: { path: string }): string => join(folder, row.path);

  async function present(id: number): Promise<store.ImportRow> {
    const row = await store.readImport(db, id);
    if (!row) throw noImport(id);
    return row;
  }

  const view = async (id: number): Promise<ClientImport> => importView(db, await present(id), jobs.pace(id));

  async function preview(id: number): Promise<ImportPreview> {
    const row = await present(id);
    if (row.path === '') throw new AppError('conflict', 'the file of this import is not kept any more');
    const { encoding, delimiter, hasHeader } = row;
    const head = await readHead(pathOf(row), encoding);
    const rows = headRows(head, delimiter, importLimits.previewRows + 2).filter((cells) => !isSeparatorLine(cells));
    const width = Math.max(0, ...rows.map((cells) => cells.length));
    const header = Array.from({ length: width }, (_, column) => (hasHeader ? (rows[0]?.[column] ?? '') : ''));
    const body = rows.slice(hasHeader ? 1 : 0).slice(0, importLimits.previewRows);
    const guesses = guessMapping(header, body, row.region);
    const columns = header.map((text, column) => ({ header: text.trim(), guess: guesses[column] ?? null }));
    return { encoding, delimiter, columns, rows: body };
  }

  /** The file is whole: what it is written in, and what its columns may be. */
  async function inspect(row: store.ImportRow, bytes: number): Promise<void> {
    const encoding = await guessEncoding(pathOf(row));
    const delimiter = guessDelimiter(await readHead(pathOf(row), encoding));
    await store.updateImport(db, row.id, 'uploading', { bytes, encoding, delimiter });
    const { columns } = await preview(row.id);
    const mapping = columns.map(({ guess }) => guess);
    const state = transition(importTransitions, 'uploading', 'received');
    await store.updateImport(db, row.id, 'uploading', { state, mapping });
  }

  async function take(row: store.ImportRow, stream: Readable, offset: number): Promise<ClientImport> {
    const isOpen = row.size === 0;
    const bytes = await receiveFile(stream, pathOf(row), offset, isOpen ? importLimits.fileBytes : row.size);
    if (isOpen) await store.updateImport(db, row.id, 'uploading', { size: bytes });
    if (isOpen || bytes === row.size) await inspect(row, bytes);
    else await store.updateImport(db, row.id, 'uploading', { bytes });
    return view(row.id);
  }

  /**
   * Takes a file, or its first piece.
   * @throws AppError `too_large`
   */
  async function receive({ name, size, stream, user }: Upload): Promise<ClientImport> {
    if (size !== null && size > importLimits.fileBytes)
      throw new AppError('too_large', `the file is longer than ${importLimits.fileBytes} bytes`);
    await mkdir(folder, { recursive: true });
    const path = `${newId()}.csv`;
    const made = { state: 'uploading' as const, fileName: safeFileName(name), path, size: size ?? 0, region };
    const id = await store.insertImport(db, { ...made, createdBy: user.id, createdAt: new Date(clock.now()) });
    try {
      return await take(await present(id), stream, 0);
    } catch (error) {
      // a file in pieces goes on where it broke off; a whole one is sent again
      if (size === null) {
        await rm(join(folder, path), { force: true });
        await store.updateImport(db, id, 'uploading', { state: 'failed', path: '', error: 'the upload broke off' });
      }
      throw error;
    }
  }

  /**
   * Takes the next piece of a file.
   * @throws AppError `conflict` with `bytes`, how many have arrived, when the piece does not start there
   */
  async function append(id: number, offset: number, stream: Readable): Promise<ClientImport> {
    const row = await present(id);
    if (row.state !== 'uploading') throw new AppError('conflict', 'the file is whole already');
    const bytes = await receivedBytes(pathOf(row));
    if (offset !== bytes)
      throw new AppError('conflict', `${bytes} bytes have arrived: go on there`, { details: { bytes } });
    return take(row, stream, offset);
  }

  async function edit(id: number, change: ClientImportChange): Promise<ClientImport> {
    const row = await present(id);
    const state = transition(importTransitions, row.state, 'change');
    const done = await store.updateImport(db, id, row.state, { ...change, state, plan: null, totalRows: null });
    if (!done) throw new AppError('conflict', 'the import has moved on meanwhile', { retryable: true });
    const rereads = change.encoding ?? change.delimiter ?? change.hasHeader;
    if (rereads !== undefined && change.mapping === undefined) {
      const mapping = (await preview(id)).columns.map(({ guess }) => guess);
      await store.updateImport(db, id, state, { mapping });
    }
    return view(id);
  }

  async function cancel(id: number): Promise<ClientImport> {
    const row = await present(id);
    const state = transition(importTransitions, row.state, 'cancel');
    const finishedAt = row.state === 'running' ? { finishedAt: new Date(clock.now()) } : {};
    await store.updateImport(db, id, row.state, { state, ...finishedAt });
    await jobs.stop(id);
    return view(id);
  }

  async function undo(id: number, user: SignedInUser): Promise<ClientImport> {
    const row = await present(id);
    transition(importTransitions, row.state, 'undo');
    const until = undoUntil(row);
    if (!until || until.getTime() < clock.now())
      throw new AppError('conflict', `an import can be undone for ${importLimits.undoDays} days`);
    await jobs.begin(row, 'undo', user);
    return view(id);
  }

  /** Files of imports that nobody needs any more, and what an undo would have needed. */
  async function tidy(): Promise<void> {
    const before = new Date(clock.now() - importLimits.undoDays * 86_400_000);
    for (const { id, path } of await store.readStale(db, before)) {
      await rm(join(folder, path), { force: true });
      await rm(join(folder, `${path}.problems`), { force: true });
      while (await store.dropRows(db, id, importLimits.largestBatch)) log.debug({ importId: id }, 'import forgotten');
      await db.run({ name: 'import_forget', text: `UPDATE client_imports SET path = '' WHERE id = $1`, values: [id] });
    }
  }

  const imports = {
    receive,
    append,
    view,
    preview,
    edit,
    cancel,
    undo,
    async list(): Promise<ClientImport[]> {
      const rows = await store.listImports(db, importLimits.imports);
      return Promise.all(rows.map((row) => importView(db, row, jobs.pace(row.id))));
    },
    async plan(id: number, user: SignedInUser): Promise<ClientImport> {
      await jobs.begin(await present(id), 'plan', user);
      return view(id);
    },
    async begin(id: number, user: SignedInUser): Promise<ClientImport> {
      await jobs.begin(await present(id), 'run', user);
      return view(id);
    },
    /** The list of problem rows, CSV: of the plan, or of the import once it has begun. @throws AppError `not_found` */
    async problems(id: number, language: 'ru' | 'en'): Promise<{ fileName: string; text: Readable }> {
      const row = await present(id);
      return { fileName: `problems-${id}.csv`, text: await problemFile(db, row, { path: pathOf(row), language }) };
    },
    /** Waits until nothing is under way for this import in this process. */
    settled: (id: number): Promise<void> => jobs.settled(id),
    /** Goes on with what the process before left, and forgets what is too old. Call once, after migrating. */
    async start(): Promise<void> {
      await jobs.resume();
      await tidy();
    },
    /** Ends the work in hand after its statement; `start` of the next process goes on. Idempotent. */
    close: (): Promise<void> => jobs.close(),
  };
  return { ...imports, routes: importRoutes(imports) satisfies Routes };
}
