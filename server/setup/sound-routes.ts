import { eq } from 'drizzle-orm';
import { sounds } from '../../db/schema/index.ts';
import type { Routes, SignedInUser } from '../access/route.ts';
import type { Sound } from '../contract/setup-schemas.ts';
import { AppError } from '../kernel/errors.ts';
import { done, found, merged, type SetupContext } from './context.ts';
import { soundSubject } from './subjects/sound.ts';
import { soundViews } from './views.ts';

/** Sounds for the web server, whose bodies here are no JSON. */
export interface SoundDoor {
  /** Converts and keeps a WAV file. @throws AppError `bad_request`, `too_large`, `already_taken`, `overloaded` */
  add(upload: { readonly name: string; readonly wav: Buffer; readonly user: SignedInUser }): Promise<Sound>;
  /** Absolute path of a sound's file; null when there is no such sound. */
  file(id: number): Promise<string | null>;
}

/** One upload is converted at a time: each takes memory and a share of the processor that calls need too. */
export function createSoundDoor({ db, changes, soundFiles, clock }: SetupContext): SoundDoor {
  let isBusy = false;
  return {
    async add({ name, wav, user }) {
      if (isBusy) throw new AppError('overloaded', 'another sound is being converted', { retryable: true });
      isBusy = true;
      try {
        const kept = await soundFiles.keep(wav);
        const createdAt = new Date(clock.now()).toISOString();
        const data = { ...kept, name, createdAt, createdBy: user.id };
        const id = await changes.run(user, (turn) => turn.create(soundSubject, data));
        return found(await soundViews(db), id);
      } finally {
        isBusy = false;
      }
    },
    async file(id) {
      const [row] = await db.orm.select({ sha256: sounds.sha256 }).from(sounds).where(eq(sounds.id, id));
      return row ? soundFiles.path(row.sha256) : null;
    },
  };
}

/** Operations on sounds that are in the contract. */
export function soundRoutes({ db, changes }: SetupContext): Routes {
  return (mount) => {
    mount('GET /api/v1/setup/sounds', async () => ({ items: await soundViews(db) }));

    mount('PATCH /api/v1/setup/sounds/:id', async ({ params: { id }, body, user }) => {
      await changes.run(user, (turn) =>
        turn.edit(soundSubject, { id, version: body.version }, (data) => merged(data, body)),
      );
      return found(await soundViews(db), id);
    });

    mount('DELETE /api/v1/setup/sounds/:id', async ({ params: { id }, query, user }) => {
      await changes.run(user, (turn) => turn.remove(soundSubject, { id, version: query.version }));
      return done;
    });
  };
}
